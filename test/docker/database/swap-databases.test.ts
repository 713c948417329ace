import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { recoverRestores } from '../../../main/backup/restore/swap/recover-restores.ts';
import { dumpDatabase } from '../../../main/trinity/postgres/dump-database.ts';
import { openPostgres, type PostgresPlace } from '../../../main/trinity/postgres/postgres-server.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { execIn } from '../../services/docker/containers.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';
import { databaseNames, rightPassword, serverName, setSocketRule, sql, startServer } from './postgres-lab.ts';

const run = promisify(execFile);
const { signal } = new AbortController();
const child = fileURLToPath(new URL('swap.child.ts', import.meta.url));

type Lab = Readonly<{ place: PostgresPlace; home: string; dump: string }>;

/** The dump holds "old"; what is live afterwards is "new". */
async function lab(): Promise<Lab> {
  const engine = sharedEngine();
  const place = await startServer(engine);
  const folder = await tempFolder();
  await sql(engine, "CREATE TABLE word (id int PRIMARY KEY, said text); INSERT INTO word VALUES (1, 'old')");
  const dump = path.join(folder, 'trinity.dump');
  const server = await openPostgres(place, signal);
  await dumpDatabase({ server, database: 'trinity', file: dump, extract: `${dump}.rows`, signal });
  await sql(engine, "UPDATE word SET said = 'new'");
  return { place, home: folder, dump };
}

async function die({ place, home, dump }: Lab, step: string): Promise<void> {
  const died = run(process.execPath, [child, home, JSON.stringify(place), dump, step]);
  await expect(died).rejects.toMatchObject({ signal: 'SIGKILL' });
}

async function errorOf(promise: Promise<unknown>): Promise<Error> {
  const error = await rejectionOf(promise);
  if (error instanceof Error) return error;
  throw new Error('It did not fail.');
}

const said = async (): Promise<string> => await sql(sharedEngine(), 'SELECT said FROM word');

describe('a restore of Postgres that is killed', () => {
  it.each([
    ['staged', 'database'],
    ['database-swapped', 'commit'],
  ])('is undone by the next start, before its commit (%s, %s)', async (...steps) => {
    const place = await lab();
    for (const step of steps) {
      await die(place, step);
      expect(await recoverRestores(place.home)).toMatchObject([{ result: 'undone' }]);
      expect([step, await said(), await databaseNames(sharedEngine())]).toEqual([
        step,
        'new',
        ['postgres', 'trinity'],
      ]);
    }
  });

  it('is finished by the next start, after its commit', async () => {
    const place = await lab();
    for (const step of ['drop ', 'remove-journal']) {
      await sql(sharedEngine(), "UPDATE word SET said = 'new'");
      await die(place, step);
      expect(await recoverRestores(place.home)).toMatchObject([{ result: 'finished' }]);
      expect([step, await said(), await databaseNames(sharedEngine())]).toEqual([
        step,
        'old',
        ['postgres', 'trinity'],
      ]);
    }
    expect(await readdir(path.join(place.home, 'journals'))).toEqual([]);
  });

  it('waits for its server, and sets a database aside that somebody made meanwhile', async () => {
    const place = await lab();
    const engine = sharedEngine();
    await die(place, 'database-swapped');
    await engine.client.getContainer(serverName).stop();
    const [failed] = await recoverRestores(place.home);
    expect(failed).toMatchObject({ result: 'failed', message: expect.stringContaining('does not run') });
    await engine.client.getContainer(serverName).start();
    await expect.poll(async () => await said().catch(() => '')).toBe('old');
    await sql(engine, 'ALTER DATABASE trinity RENAME TO elsewhere', 'postgres');
    await sql(engine, 'CREATE DATABASE trinity', 'postgres');
    const [undone] = await recoverRestores(place.home);
    expect(undone).toMatchObject({ result: 'undone', message: expect.stringContaining('trinity_found_') });
    expect(await said()).toBe('new');
  });
});

describe('a dump of Postgres', () => {
  it('comes in with the password of the container, where the socket asks for one, and never shows it', async () => {
    const { place, home } = await lab();
    const engine = sharedEngine();
    await setSocketRule(engine, 'scram-sha-256');
    const request = {
      database: 'trinity',
      file: path.join(home, 'a'),
      extract: path.join(home, 'b'),
      signal,
    };
    await expect
      .poll(async () => (await openPostgres(place, signal)).secret)
      .toEqual({ PGPASSWORD: rightPassword });
    const archive = await dumpDatabase({ server: await openPostgres(place, signal), ...request });
    expect(archive.rowCounts).toEqual({ word: 1 });
    const { stdout } = await execIn(engine, serverName, ['cat', '/proc/self/cmdline']);
    expect(stdout).not.toContain(rightPassword);
    await execIn(engine, serverName, [
      'env',
      `PGPASSWORD=${rightPassword}`,
      'psql',
      '-U',
      'trinity',
      '-c',
      "ALTER ROLE trinity PASSWORD 'another'",
    ]);
    const error = await errorOf(openPostgres(place, signal));
    expect(error).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('POSTGRES_PASSWORD'),
    });
    expect(JSON.stringify([error.message, error.cause])).not.toContain(rightPassword);
  });

  it('says in one sentence when there is no server, no database, or no container', async () => {
    const { place, home } = await lab();
    const request = { file: path.join(home, 'a'), extract: path.join(home, 'b'), signal };
    const server = await openPostgres(place, signal);
    const absent = await errorOf(dumpDatabase({ server, database: 'nowhere', ...request }));
    expect(absent.message).toBe(
      'The Postgres server in trinity-postgres has no database nowhere. Restore it from a backup, or check DATABASE_URL.',
    );
    const deaf = await errorOf(openPostgres({ ...place, port: 1 }, signal));
    expect(deaf.message).toMatch(/does not answer on port 1\. Look/u);
    await sharedEngine().client.getContainer(serverName).stop();
    const stopped = await errorOf(dumpDatabase({ server, database: 'trinity', ...request }));
    expect(stopped.message).toContain(serverName);
    const down = await errorOf(openPostgres(place, signal));
    expect(down.message).toBe(
      'The container trinity-postgres does not run (exited). Start it, then try again.',
    );
    const gone = await errorOf(openPostgres({ ...place, container: 'nobody' }, signal));
    expect(gone.message).toBe('The container nobody is not there. Start it, then try again.');
    expect((await readdir(home)).toSorted()).toEqual(['trinity.dump', 'trinity.dump.rows']);
  });
});
