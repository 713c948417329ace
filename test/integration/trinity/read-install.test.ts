import { execFileSync } from 'node:child_process';
import { mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TrinityInstall } from '../../../main/trinity/install.ts';
import {
  installProblems,
  listComposeFiles,
  projectNameOf,
  readInstall,
} from '../../../main/trinity/read-install.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

type Machine = Readonly<{ base: string; folder: string; volumesRoot: string }>;

async function machine(env: string, name = 'trinity'): Promise<Machine> {
  const base = await realpath(await tempFolder());
  const [folder, volumesRoot] = [join(base, name), join(base, 'volumes')];
  await mkdir(folder);
  await mkdir(volumesRoot);
  await writeFile(join(folder, '.env'), env);
  return { base, folder, volumesRoot };
}

async function putDatabase(folder: string, name = 'trinity.db'): Promise<void> {
  await mkdir(join(folder, name, '..'), { recursive: true });
  await writeFile(join(folder, name), 'SQLite format 3\0');
}

function read({ folder, volumesRoot }: Machine): Promise<TrinityInstall> {
  return readInstall({ folder, volumesRoot });
}

describe('readInstall', () => {
  it('reads a bind install: data beside the checkout, project from the folder, version', async () => {
    const place = await machine('A=1\n', 'My.Trinity_1');
    await putDatabase(join(place.folder, 'trinity-data'));
    await writeFile(join(place.folder, 'VERSION'), '0.9.5\n');
    expect(await read(place)).toEqual({
      folder: place.folder,
      projectName: 'mytrinity_1',
      form: 'prod',
      engine: undefined,
      dataVolume: undefined,
      dataAccess: { mode: 'host', reason: 'It is a folder of this machine.' },
      folderAccess: { mode: 'host', reason: 'It is a folder of this machine.' },
      database: { kind: 'sqlite', path: 'trinity.db' },
      dataFolder: join(place.folder, 'trinity-data'),
      databaseFile: join(place.folder, 'trinity-data/trinity.db'),
      envFile: join(place.folder, '.env'),
      env: new Map([['A', '1']]),
      volumesRoot: place.volumesRoot,
      version: '0.9.5',
    });
    expect(await installProblems(await read(place))).toEqual([]);
  });

  it('takes TRINITY_DATA_PATH relative to the checkout or absolute, and follows a linked folder', async () => {
    const place = await machine('TRINITY_DATA_PATH=../elsewhere/data # here\n');
    const real = join(place.base, 'elsewhere/data');
    await putDatabase(real);
    expect(await read(place)).toMatchObject({ dataFolder: real, databaseFile: join(real, 'trinity.db') });
    await symlink(real, join(place.base, 'linked'));
    await writeFile(join(place.folder, '.env'), `TRINITY_DATA_PATH="${join(place.base, 'linked')}"\r\n`);
    expect(await read(place)).toMatchObject({ dataFolder: real });
  });

  it('finds the data of the development stack in the volume of its project', async () => {
    const place = await machine('COMPOSE_PROJECT_NAME=_Team-Trinity\n');
    const data = join(place.volumesRoot, 'team-trinity_trinity-data/_data');
    await putDatabase(data);
    expect(await read(place)).toMatchObject({ projectName: 'team-trinity', dataFolder: data });
  });

  it('tries the real name too, when the checkout is reached by a link', async () => {
    const place = await machine('A=1\n', 'trinity-2');
    await putDatabase(join(place.volumesRoot, 'trinity-2_trinity-data/_data'));
    const link = join(place.base, 'current');
    await symlink(place.folder, link);
    expect(await readInstall({ folder: link, volumesRoot: place.volumesRoot })).toMatchObject({
      projectName: 'trinity-2',
    });
  });

  it('asks which store is in use, when both hold a database', async () => {
    const place = await machine('A=1\n');
    const stores = [
      join(place.folder, 'trinity-data'),
      join(place.volumesRoot, 'trinity_trinity-data/_data'),
    ];
    for (const store of stores) await putDatabase(store);
    const failure = await read(place).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'refused' });
    for (const store of stores) expect(String(failure)).toContain(store);
    await writeFile(join(place.folder, 'trinity-data/trinity.db'), '');
    expect(await read(place)).toMatchObject({ dataFolder: stores[1] });
  });

  it('reads an install whose database or data are gone, and says what is', async () => {
    const place = await machine('A=1\n');
    expect(await read(place)).toMatchObject({ dataFolder: join(place.folder, 'trinity-data') });
    expect(await installProblems(await read(place))).toEqual([
      expect.stringContaining('trinity-data is missing'),
    ]);
    const data = join(place.volumesRoot, 'trinity_trinity-data/_data');
    await mkdir(join(data, 'avatars'), { recursive: true });
    const { volumesRoot: _, ...withoutVolumes } = { ...(await read(place)) };
    expect(withoutVolumes).toMatchObject({ dataFolder: data, databaseFile: join(data, 'trinity.db') });
    expect(await installProblems({ ...withoutVolumes, volumesRoot: undefined })).toHaveLength(2);
    await rm(join(place.folder, '.env'));
    await expect(read(place)).rejects.toMatchObject({ kind: 'not-found' });
    await writeFile(join(place.folder, 'compose.yaml'), 'services: {}\n');
    expect((await read(place)).env.size).toBe(0);
  });

  it('takes the container path of TRINITY_DB_PATH below /data, and refuses one outside', async () => {
    const place = await machine('TRINITY_DB_PATH=/data/db/main.sqlite\n');
    await putDatabase(join(place.folder, 'trinity-data'), 'db/main.sqlite');
    expect((await read(place)).databaseFile).toBe(join(place.folder, 'trinity-data/db/main.sqlite'));
    for (const path of [
      '/srv/trinity.db',
      '/data/../etc/passwd',
      '/data/',
      'trinity.db',
      '/database/trinity.db',
    ]) {
      await writeFile(join(place.folder, '.env'), `TRINITY_DB_PATH=${path}\n`);
      await expect(read(place)).rejects.toMatchObject({ kind: 'refused' });
    }
  });

  it.each([
    ['postgresql://trinity:pw@postgres:5432/trinity', undefined],
    ['postgres://db', undefined],
    ['postgresql+psycopg2://db', undefined],
    ['sqlite:////data/other.db', 'other.db'],
    ['', 'trinity.db'],
  ])('reads DATABASE_URL=%s', async (url, name) => {
    const place = await machine(`DATABASE_URL=${url}\n`);
    const { databaseFile } = await read(place);
    expect(databaseFile).toBe(name === undefined ? undefined : join(place.folder, 'trinity-data', name));
  });

  it.each(['DATABASE_URL=mysql://db', 'TRINITY_DATA_PATH=$HOME/data', 'TRINITY_DATA_PATH=~/data'])(
    'refuses %s',
    async (line) => {
      await expect(read(await machine(`${line}\n`))).rejects.toMatchObject({ kind: 'refused' });
    },
  );

  it('says what to do, when a folder is not there, no folder, or .env is no file', async () => {
    const place = await machine('A=1\n');
    const { folder, volumesRoot } = place;
    await expect(readInstall({ folder: join(folder, 'none') })).rejects.toMatchObject({
      kind: 'unavailable',
    });
    await expect(readInstall({ folder: join(folder, '.env') })).rejects.toMatchObject({
      kind: 'unavailable',
    });
    await expect(readInstall({ folder, volumesRoot: join(volumesRoot, 'x') })).rejects.toMatchObject({
      kind: 'unavailable',
    });
    await rm(join(folder, '.env'));
    execFileSync('mkfifo', [join(folder, '.env')]);
    await expect(read(place)).rejects.toMatchObject({ kind: 'refused' });
  });

  it('names a linked database by the file that it leads to', async () => {
    const place = await machine('A=1\n');
    await putDatabase(join(place.base, 'fast'));
    await mkdir(join(place.folder, 'trinity-data'));
    await symlink(join(place.base, 'fast/trinity.db'), join(place.folder, 'trinity-data/trinity.db'));
    expect((await read(place)).databaseFile).toBe(join(place.base, 'fast/trinity.db'));
  });
});

describe('listComposeFiles', () => {
  it('lists compose files and overlays only', async () => {
    const { folder } = await machine('');
    for (const name of [
      'docker-compose.yml',
      'docker-compose.prod.yml',
      'compose.yaml',
      'docker-compose.yml.bak',
      'readme.yml',
    ]) {
      await writeFile(join(folder, name), '');
    }
    expect(await listComposeFiles(folder)).toEqual([
      'compose.yaml',
      'docker-compose.prod.yml',
      'docker-compose.yml',
    ]);
  });
});

describe('projectNameOf', () => {
  it('follows the rule of compose', () => {
    expect(projectNameOf('__-My Trinity.2_x-')).toBe('mytrinity2_x-');
  });
});
