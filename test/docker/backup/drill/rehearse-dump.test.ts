import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { rehearseDump, type DumpHooks } from '../../../../main/backup/drill/rehearse-dump.ts';
import { recoverJournals } from '../../../../main/backup/restore/swap/recover-journals.ts';
import { dumpDatabase } from '../../../../main/trinity/postgres/dump-database.ts';
import { openPostgres, type PostgresPlace } from '../../../../main/trinity/postgres/postgres-server.ts';
import { threadEntry } from '../../../../main/platform/thread-entry.ts';
import { startChild } from '../../../helpers/child-process.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { sharedEngine } from '../../../services/docker/test-engine.ts';
import { untilTrue } from '../../../services/miniature/platform.ts';
import { databaseNames, serverName, sql, startServer } from '../../database/postgres-lab.ts';
import { installOf } from './dump-lab.ts';

const { signal } = new AbortController();
const child = threadEntry(import.meta.url, './rehearse.child.ts');
const liveNames = ['postgres', 'trinity'];

type Lab = Readonly<{ place: PostgresPlace; home: string; folder: string }>;

/** A server whose database is as `statements` make it, and a dump of it. */
async function lab(statements: string, dataBytes?: number): Promise<Lab> {
  const engine = sharedEngine();
  const place = await startServer(engine, dataBytes);
  const [home, folder] = [await tempFolder(), await tempFolder()];
  await sql(engine, statements);
  const [file, extract] = [path.join(folder, 'trinity.dump'), path.join(home, 'rows')];
  const server = await openPostgres(place, signal);
  await dumpDatabase({ server, database: 'trinity', file, extract, signal });
  return { place, home, folder };
}

async function rehearse(
  { place, home, folder }: Lab,
  install = installOf(place),
  hooks: DumpHooks = {},
): Promise<string | undefined> {
  const readInstall = async (): Promise<typeof install> => await Promise.resolve(install);
  return await rehearseDump({ home, readInstall }, folder, signal, hooks);
}

async function left({ home }: Lab): Promise<readonly string[]> {
  return [...(await databaseNames(sharedEngine())), ...(await readdir(path.join(home, 'journals')))];
}

const words =
  "CREATE TABLE word (id int PRIMARY KEY, said text); INSERT INTO word VALUES (1, 'old'), (2, 'older')";

describe('rehearseDump', () => {
  it('loads the dump beside the live database, and leaves nothing of it', async () => {
    const made = await lab(words);
    await sql(sharedEngine(), "UPDATE word SET said = 'new'");
    let seen: readonly string[] = [];
    const unproven = await rehearse(made, undefined, {
      beforeStep: async (step) => {
        if (step !== 'drop') return;
        const name = (await databaseNames(sharedEngine())).find((each) => !liveNames.includes(each)) ?? '';
        seen = [name, await sql(sharedEngine(), 'SELECT said FROM word ORDER BY id', name)];
      },
    });
    expect(unproven).toBeUndefined();
    expect(seen).toEqual([expect.stringMatching(/^trinity_drill_[0-9a-f]{12}$/u), 'old\nolder']);
    expect(await sql(sharedEngine(), 'SELECT DISTINCT said FROM word')).toBe('new');
    expect(await left(made)).toEqual(liveNames);
  });

  it('fails for a dump that reads well and that no server takes', async () => {
    // What the check asks for is not there while rows come back: pg_restore looks into no schema by itself.
    const made = await lab(`${words};
      CREATE FUNCTION known(int) RETURNS boolean LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM word WHERE id = $1)';
      CREATE TABLE deed (word int CHECK (known(word))); INSERT INTO deed VALUES (1)`);
    await expect(rehearse(made)).rejects.toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('pg_restore'),
    });
    expect(await left(made)).toEqual(liveNames);
  });

  it('fails when rows are missing in what was loaded', async () => {
    const made = await lab(words);
    // A rehearsal finds what this server does to each new database.
    const thief = `CREATE FUNCTION steal() RETURNS event_trigger LANGUAGE plpgsql AS $$
      BEGIN IF to_regclass('public.word') IS NOT NULL THEN DELETE FROM public.word WHERE id = 2; END IF; END $$;
      CREATE EVENT TRIGGER thief ON ddl_command_end EXECUTE FUNCTION steal()`;
    const unproven = rehearse(made, undefined, {
      beforeStep: async (step) => {
        if (step !== 'load') return;
        const name = (await databaseNames(sharedEngine())).find((each) => !liveNames.includes(each)) ?? '';
        await sql(sharedEngine(), thief, name);
      },
    });
    await expect(unproven).rejects.toThrow('table word has 1 rows, not 2');
    expect(await left(made)).toEqual(liveNames);
  });

  it('says why nothing was proven where the server lacks room, does not run, or is not there', async () => {
    const made = await lab(words, 400 * 1024 * 1024);
    const notLoaded = /^The dump was read to its end and holds every row, but was not loaded: /u;
    const short = await rehearse(made);
    expect(short).toMatch(notLoaded);
    expect(short).toMatch(/It needs 1\.\d+ GB on the disk of the database server, and \d+ MB are free\.$/u);
    expect(await databaseNames(sharedEngine())).toEqual(liveNames);
    const elsewhere = installOf(made.place, { container: undefined });
    expect(await rehearse(made, elsewhere)).toContain('not in Docker here');
    const sqlite = installOf(made.place, { kind: 'sqlite', path: 'trinity.db' });
    expect(await rehearse(made, sqlite)).toContain('set to SQLite');
    await sharedEngine().client.getContainer(serverName).stop();
    expect(await rehearse(made)).toContain('does not run (exited)');
    expect(await readdir(made.home)).toEqual(['rows']);
  });

  it('leaves nothing after a kill once the next start, or rehearsal, was there', async () => {
    const made = await lab(words);
    const engine = sharedEngine();
    const die = async (step: string): Promise<void> => {
      const { place, home, folder } = made;
      const outcome = await startChild(child, [home, JSON.stringify(place), folder, step]).outcome();
      expect({ step, ...outcome }).toMatchObject({ step, signal: 'SIGKILL' });
      expect((await databaseNames(engine)).length).toBe(3);
    };
    await die('load');
    expect((await recoverJournals(made.home)).leftovers).toMatchObject([{ result: 'cleared' }]);
    expect(await left(made)).toEqual(liveNames);

    await die('drop');
    await engine.client.getContainer(serverName).stop();
    const [waiting] = (await recoverJournals(made.home)).leftovers;
    expect(waiting).toMatchObject({ result: 'failed', message: expect.stringContaining('does not run') });
    await engine.client.getContainer(serverName).start();
    await untilTrue(
      'the server answers',
      async () => (await databaseNames(engine).catch(() => [])).length > 0,
    );
    expect(await rehearse(made)).toBeUndefined();
    expect(await left(made)).toEqual(liveNames);
  });
});
