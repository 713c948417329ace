import { readdir, rm, writeFile } from 'node:fs/promises';
import { openSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { Catalog } from '../../../main/catalog/catalog.ts';
import { migrations } from '../../../main/catalog/migrations.ts';
import type { NewRun } from '../../../main/catalog/run-table.ts';
import type { RunSource } from '../../../shared/model/history.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

function run(change: Partial<NewRun> = {}): NewRun {
  return {
    operation: 'backup',
    startedMs: 1,
    finishedMs: 2,
    outcome: 'succeeded',
    failedSources: [],
    ...change,
  };
}

const noSizes = { files: 0, bytes: 0, bytesAdded: 0, bytesStored: 0, frozenMs: 0, lockedMs: 0, warnings: 0 };

function source(name: string, agents: readonly string[] = []): RunSource {
  return { source: name, agents: [...agents], outcome: 'succeeded', ...noSizes, bytes: 5 };
}

async function catalogFile(): Promise<string> {
  return path.join(await tempFolder(), 'catalog.sqlite');
}

describe('Catalog', () => {
  it('remembers runs with their sizes and sources, newest first, over a restart', async () => {
    const file = await catalogFile();
    const failed = run({ outcome: 'failed', message: 'No room.', failedSources: ['files'] });
    const sources = [source('files'), source('memory/a', ['research'])];
    {
      using catalog = Catalog.open(file);
      catalog.recordRun(run({ backupId: '0123456789ab', trigger: 'manual', frozenMs: 12, sources }));
      catalog.recordRun(run({ operation: 'drill' }));
      catalog.recordRun(failed);
    }
    using catalog = Catalog.open(file);
    const [newest, oldest] = catalog.runs(10, 'backup');
    expect(newest).toEqual({ ...failed, ...noSizes, id: 3, isRebuilt: false });
    expect(oldest).toMatchObject({ id: 1, backupId: '0123456789ab', trigger: 'manual', frozenMs: 12 });
    expect(catalog.run(1)?.sources).toEqual(sources);
    expect(catalog.runs(2).map((one) => one.operation)).toEqual(['backup', 'drill']);
    expect(catalog.run(9)).toBeUndefined();
  });

  it('shows full pages in order of time, whatever is filtered out between (T10)', async () => {
    using catalog = Catalog.open(await catalogFile());
    for (let count = 0; count < 60; count += 1) {
      const sources = [source('persistence'), source(`memory/${count % 3}`, [`agent-${count % 3}`])];
      // Random ids of backups must not order anything.
      const backupId = ((count * 7919) % 4096).toString(16).padStart(12, '0');
      catalog.recordRun(run({ startedMs: count, backupId, sources, trigger: 'manual' }));
      catalog.recordRun(run({ startedMs: count, outcome: 'failed', sources: [] }));
    }
    const pages: number[][] = [];
    let before: number | undefined;
    for (;;) {
      const page = catalog.history({ limit: 8, before }, { agent: 'agent-1' });
      if (page.length === 0) break;
      pages.push(page.map(({ startedMs }) => startedMs));
      before = page.at(-1)?.id;
    }
    expect(pages.map((page) => page.length)).toEqual([8, 8, 4]);
    expect(pages.flat()).toEqual(Array.from({ length: 20 }, (_, index) => 58 - index * 3));
    expect(catalog.history({ limit: 100 }, { outcome: 'failed' })).toHaveLength(60);
    expect(catalog.history({ limit: 100 }, { component: 'memory' })).toHaveLength(60);
    expect(catalog.history({ limit: 100 }, { component: 'mem' })).toHaveLength(0);
    expect(catalog.history({ limit: 100 }, { trigger: 'scheduled' })).toHaveLength(0);
    expect(catalog.history({ limit: 100 }, { sinceMs: 58 })).toHaveLength(4);
  });

  it('keeps events by severity and run, newest first', async () => {
    using catalog = Catalog.open(await catalogFile());
    const runId = catalog.recordRun(run());
    catalog.recordEvent({ atMs: 1, severity: 'info', code: 'backup-succeeded', words: 'Done.', runId });
    catalog.recordEvent({ atMs: 2, severity: 'error', code: 'backup-failed', words: 'No room.' });
    expect(catalog.events({ limit: 10 }).map(({ atMs }) => atMs)).toEqual([2, 1]);
    expect(catalog.events({ limit: 10 }, { severity: 'error' })).toEqual([
      { id: 2, atMs: 2, severity: 'error', code: 'backup-failed', words: 'No room.' },
    ]);
    expect(catalog.events({ limit: 10 }, { runId })).toHaveLength(1);
    expect(catalog.events({ limit: 10, before: 2 })).toHaveLength(1);
  });

  it('stays of bounded size', async () => {
    const file = await catalogFile();
    using catalog = Catalog.open(file);
    // As if very many runs and events had been before.
    using direct = openDirectly(file);
    for (const table of ['runs', 'events']) {
      direct.database.prepare('INSERT OR REPLACE INTO sqlite_sequence VALUES (?, 9990)').run(table);
    }
    const sources = Array.from({ length: 50 }, (_, index) => source(`memory/${index}`));
    catalog.recordRun(run({ sources }));
    catalog.recordEvent({ atMs: 1, severity: 'info', code: 'first', words: 'First.' });
    direct.database.exec("UPDATE sqlite_sequence SET seq = 29990 WHERE name IN ('runs', 'events')");
    catalog.recordRun(run({ sources }));
    catalog.recordEvent({ atMs: 2, severity: 'info', code: 'last', words: 'Last.' });
    expect(catalog.runs(10)).toHaveLength(1);
    expect(catalog.events({ limit: 10 }).map(({ code }) => code)).toEqual(['last']);
    expect(direct.database.prepare('SELECT count(*) FROM runSources').pluck().get()).toBe(50);
  });

  it('puts what the vault tells before what was seen here, once', async () => {
    using catalog = Catalog.open(await catalogFile());
    catalog.recordRun(run({ startedMs: 100, outcome: 'failed', message: 'The vault is away.' }));
    catalog.recordRun(run({ startedMs: 101, backupId: 'cccccccccccc' }));
    const told = [
      run({ startedMs: 1, backupId: 'aaaaaaaaaaaa', sources: [source('files')] }),
      run({ startedMs: 2, backupId: 'bbbbbbbbbbbb' }),
      run({ startedMs: 101, backupId: 'cccccccccccc' }),
    ];
    expect(catalog.rebuiltFrom).toBeUndefined();
    expect(catalog.addRebuilt(told)).toBe(2);
    expect(catalog.rebuiltFrom).toBeUndefined();
    catalog.noteRebuilt('vault one');
    expect(catalog.rebuiltFrom).toBe('vault one');
    expect(catalog.addRebuilt(told)).toBe(0);
    expect(catalog.runs(10).map(({ startedMs, isRebuilt }) => [startedMs, isRebuilt])).toEqual([
      [101, false],
      [100, false],
      [2, true],
      [1, true],
    ]);
    expect(catalog.run(catalog.runs(10).at(-1)?.id ?? 0)?.sources).toEqual([source('files')]);
  });

  it('has a backup once, of which the vault told before its run was recorded', async () => {
    using catalog = Catalog.open(await catalogFile());
    const seen = run({ backupId: 'a1b2c3d4e5f6', bytes: 7, sources: [source('files')] });
    expect(catalog.addRebuilt([{ ...seen, bytes: 1 }])).toBe(1);
    catalog.recordRun(seen);
    expect(catalog.history({ limit: 10 })).toMatchObject([
      { backupId: 'a1b2c3d4e5f6', bytes: 7, isRebuilt: false },
    ]);
    expect(catalog.sourceRuns({ fromMs: 0, untilMs: Infinity })).toHaveLength(1);
  });

  it('tells what became of each source of late', async () => {
    using catalog = Catalog.open(await catalogFile());
    catalog.recordRun(run({ startedMs: 10, sources: [source('files')] }));
    catalog.recordRun(run({ startedMs: 20, sources: [source('files'), source('memory/a', ['echo'])] }));
    catalog.recordRun(run({ startedMs: 30, operation: 'drill', sources: [source('files')] }));
    catalog.recordRun(run({ startedMs: 40, trigger: 'pre_migration', sources: [source('files')] }));
    const told = (fromMs: number, untilMs: number) =>
      catalog
        .sourceRuns({ fromMs, untilMs })
        .map(({ runId, startedMs, source }) => [runId, startedMs, source]);
    expect(told(15, Infinity)).toEqual([
      [2, 20, 'files'],
      [2, 20, 'memory/a'],
    ]);
    expect(told(10, 20)).toEqual([[1, 10, 'files']]);
  });

  it('goes on with the file of an older version, and shows what a newer one means as far as it is known', async () => {
    const file = await catalogFile();
    {
      using old = openDirectly(file);
      old.database.exec(migrations[0] ?? '');
      old.database.pragma('user_version = 1');
      old.database.exec(
        `INSERT INTO runs (operation, startedMs, finishedMs, outcome, failedSources) VALUES ('backup', 1, 2, 'succeeded', '[]')`,
      );
    }
    {
      using catalog = Catalog.open(file);
      expect(catalog.runs(9)).toMatchObject([{ id: 1, outcome: 'succeeded', bytes: 0, isRebuilt: false }]);
    }
    {
      using newer = openDirectly(file);
      newer.database.exec("UPDATE runs SET outcome = 'paused'; ALTER TABLE runs ADD COLUMN more TEXT");
      newer.database.pragma('user_version = 99');
    }
    using catalog = Catalog.open(file);
    expect(catalog.runs(9)).toEqual([]);
    expect(catalog.recordRun(run())).toBe(2);
  });

  it.each(['HTTP/1.1 502 Bad Gateway'.repeat(100), 'empty database'])(
    'sets an unreadable file aside and begins anew: %s',
    async (content) => {
      const file = await catalogFile();
      if (content === 'empty database') {
        using strange = openDirectly(file);
        strange.database.pragma('user_version = 2');
      } else await writeFile(file, content);
      using catalog = Catalog.open(file);
      expect(catalog.runs(1)).toEqual([]);
      expect(await readdir(path.dirname(file))).toContain('catalog.sqlite.unreadable');
      catalog.recordRun(run());
      expect(catalog.runs(9)).toHaveLength(1);
    },
  );

  it('begins anew in the middle of its work, when damage shows only then', async () => {
    const file = await catalogFile();
    {
      using catalog = Catalog.open(file);
      for (let count = 0; count < 200; count += 1) catalog.recordRun(run({ message: 'x'.repeat(500) }));
    }
    // All pages but the first, which says what tables there are.
    const handle = openSync(file, 'r+');
    writeSync(handle, Buffer.alloc(statSync(file).size - 4096, 0x5a), 0, undefined, 4096);
    using catalog = Catalog.open(file);
    expect(catalog.recordRun(run())).toBe(1);
    expect(catalog.runs(9)).toHaveLength(1);
    expect(await readdir(path.dirname(file))).toContain('catalog.sqlite.unreadable');
  });

  it('begins anew when the file was deleted', async () => {
    const file = await catalogFile();
    Catalog.open(file)[Symbol.dispose]();
    await rm(file);
    using catalog = Catalog.open(file);
    expect(catalog.runs(1)).toEqual([]);
  });

  it('goes on in memory where no file can be had, and says why', async () => {
    const folder = await tempFolder();
    using catalog = Catalog.open(path.join(folder, 'not-there', 'catalog.sqlite'));
    catalog.recordRun(run());
    expect(catalog.runs(9)).toHaveLength(1);
    expect(catalog.problem).toMatch(/directory/u);
  });
});

function openDirectly(file: string): Disposable & { database: Database.Database } {
  const database = new Database(file);
  return { database, [Symbol.dispose]: () => database.close() };
}
