import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TrinityInstall } from '../../../main/trinity/install.ts';
import { installProblems, readInstall } from '../../../main/trinity/read-install.ts';
import { mini, mountOf, putDatabase, type Mini } from './mini.ts';

const secret = 'hush-hush-hush';

async function read({ folder, host }: Mini): Promise<TrinityInstall> {
  return await readInstall({ folder, dockerHost: host });
}

describe('readInstall, with an engine', () => {
  it('goes by what the container mounts, also where a folder holds a database too (dev)', async () => {
    const place = await mini();
    const data = await place.volume('elsewhere_trinity-data');
    await putDatabase(data);
    await putDatabase(path.join(place.folder, 'trinity-data'));
    await place.container('trinity-backend', {
      service: 'backend',
      mounts: [mountOf('elsewhere_trinity-data', '/data')],
      environment: { TRINITY_DB_PATH: '/data/trinity.db' },
    });
    const install = await read(place);
    expect(install).toMatchObject({
      form: 'dev',
      projectName: 'trinity',
      dataVolume: 'elsewhere_trinity-data',
      dataFolder: data,
      dataAccess: { mode: 'host' },
      database: { kind: 'sqlite', path: 'trinity.db' },
      databaseFile: path.join(data, 'trinity.db'),
      engine: { host: place.host, sharesKernel: true, isRemapped: false },
    });
    expect(install.volumesRoot).toBe(install.engine?.volumesFolder);
    expect(await installProblems(install)).toEqual([]);
  });

  it.each([
    ['docker-compose.prod.yml', 'prod'],
    ['docker-compose.hosted.yml', 'hosted'],
  ])('takes the folder behind /data of the stack of %s', async (composeFile, form) => {
    const place = await mini('TRINITY_DATA_PATH=./changed-since\n');
    const data = path.join(place.folder, 'trinity-data');
    await putDatabase(data);
    const mounts = [{ kind: 'bind', source: data, target: '/data', writable: true }] as const;
    await place.container('trinity-backend', { service: 'backend', composeFile, mounts });
    expect(await read(place)).toMatchObject({ form, dataFolder: data, dataVolume: undefined });
  });

  it('finds the container of a bundled Postgres, and takes no password over', async () => {
    const place = await mini(`DATABASE_URL=\n`);
    const data = path.join(place.folder, 'trinity-data');
    await mkdir(data);
    const mounts = [{ kind: 'bind', source: data, target: '/data', writable: true }] as const;
    const url = `postgresql://tri%40nity:${secret}@postgres:5433/main`;
    await place.container('trinity-backend', {
      service: 'backend',
      mounts,
      environment: { DATABASE_URL: url },
    });
    await place.container('trinity-postgres', { service: 'postgres' });
    const install = await read(place);
    expect(install.database).toEqual({
      kind: 'postgres',
      container: 'trinity-postgres',
      host: 'postgres',
      port: 5433,
      user: 'tri@nity',
      database: 'main',
    });
    expect(install.databaseFile).toBeUndefined();
    expect(JSON.stringify(install)).not.toContain(secret);
  });

  it('asks which store is in use, when no container tells and both hold a database', async () => {
    const place = await mini();
    const data = await place.volume('trinity_trinity-data');
    await putDatabase(path.join(place.folder, 'trinity-data'));
    expect(await read(place)).toMatchObject({ form: 'prod' });
    await putDatabase(data);
    await expect(read(place)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(data),
    });
  });

  it('refuses a folder whose engine runs the Trinity of another one, not one that was moved', async () => {
    const [place, other] = [await mini(), await mini()];
    await place.container('trinity-backend', { service: 'backend' });
    await expect(read(other)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(place.folder),
    });
    const moved = `${place.folder}-moved`;
    await rename(place.folder, moved);
    expect(await read({ ...place, folder: moved })).toMatchObject({ folder: moved });
  });

  it('fails with what to do, when the engine of an install does not answer', async () => {
    const { folder } = await mini();
    const asked = readInstall({ folder, dockerHost: 'unix:///nowhere.sock' });
    await expect(asked).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('Start Docker'),
    });
  });
});
