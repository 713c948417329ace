import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, readFile, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { copyDatabase } from '../../../main/trinity/copy-database.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const signal = new AbortController().signal;

async function folders(): Promise<Readonly<{ file: string; targetFolder: string; data: string }>> {
  const folder = await tempFolder();
  const [data, targetFolder] = [join(folder, 'data'), join(folder, 'scratch')];
  await mkdir(data);
  await mkdir(targetFolder, { mode: 0o700 });
  return { file: join(data, 'trinity.db'), targetFolder, data };
}

/** Two accounts whose balances are moved, never made: at every moment the sum is 1000. */
function writeAccounts(file: string, journalMode: 'delete' | 'wal', fillerRows = 200): void {
  const database = new Database(file);
  database.pragma(`journal_mode=${journalMode}`);
  database.exec(
    'CREATE TABLE here (amount INTEGER); INSERT INTO here VALUES (1000); CREATE TABLE filler (text TEXT)',
  );
  const insert = database.prepare('INSERT INTO filler VALUES (?)');
  database.transaction(() => {
    for (let row = 0; row < fillerRows; row += 1) insert.run(String(row).padEnd(3000, '.'));
  })();
  // The accounts lie at both ends of the file, so that a copy which is not of one moment shows.
  database.exec('CREATE TABLE there (amount INTEGER); INSERT INTO there VALUES (0)');
  database.close();
}

/** A process that moves amounts until it is ended; it says so once it has begun. */
async function startWriter(file: string): Promise<ChildProcess> {
  const script = `
    const Database = (await import(process.env.DRIVER)).default;
    const database = new Database(process.env.FILE, { timeout: 60000 });
    const out = database.prepare('UPDATE here SET amount = amount - ?');
    const into = database.prepare('UPDATE there SET amount = amount + ?');
    const fill = database.prepare('UPDATE filler SET text = ? WHERE rowid = ?');
    const move = database.transaction((amount, row) => {
      out.run(amount);
      fill.run(String(amount).padEnd(3000, '-'), row);
      into.run(amount);
    });
    for (let turn = 0; ; turn += 1) {
      move((turn % 7) + 1, (turn % 200) + 1);
      if (turn === 3) process.stdout.write('begun');
      if (turn % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    }`;
  const env = { FILE: file, DRIVER: import.meta.resolve('better-sqlite3') };
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const writer = spawn(process.execPath, ['--input-type=module', '-e', script], { env, stdio: [...stdio] });
  onTestFinished(() => void writer.kill('SIGKILL'));
  if (writer.stdout === null) throw new Error('The writer has a pipe.');
  await once(writer.stdout, 'data');
  return writer;
}

function sumOf(file: string): unknown {
  const database = new Database(file, { fileMustExist: true });
  try {
    return database
      .prepare('SELECT (SELECT sum(amount) FROM here) + (SELECT sum(amount) FROM there)')
      .pluck()
      .get();
  } finally {
    database.close();
  }
}

/** Leaves what a writer leaves that dies in the middle of a transaction: half-written pages and the journal to undo them. */
async function writeHotJournal(file: string): Promise<void> {
  writeAccounts(`${file}.src`, 'delete', 300);
  const database = new Database(`${file}.src`);
  database.pragma('cache_size=5');
  database.exec("BEGIN; UPDATE here SET amount = 7; UPDATE filler SET text = 'half' || text");
  await copyFile(`${file}.src`, file);
  await copyFile(`${file}.src-journal`, `${file}-journal`);
  database.exec('ROLLBACK');
  database.close();
}

describe('copyDatabase', () => {
  it('copies one moment, when a writer is at work with a rollback journal', async () => {
    const { file, targetFolder } = await folders();
    writeAccounts(file, 'delete');
    await startWriter(file);
    for (let turn = 0; turn < 3; turn += 1) {
      const copy = await copyDatabase({ file, targetFolder, signal, busyMs: 60_000 });
      expect(copy).toMatchObject({
        method: 'vacuum',
        damaged: undefined,
        rowCounts: { here: 1, there: 1, filler: 200 },
      });
      expect(copy.lockedMs).toBeGreaterThan(0);
      expect(sumOf(copy.file)).toBe(1000);
    }
  });

  it('copies one moment and stays WAL, when a writer is at work with a write-ahead log', async () => {
    const { file, targetFolder } = await folders();
    writeAccounts(file, 'wal');
    await startWriter(file);
    for (const vacuumUpToBytes of [64 * 1024 * 1024, 0]) {
      const copy = await copyDatabase({ file, targetFolder, signal, vacuumUpToBytes });
      expect(copy).toMatchObject({
        method: vacuumUpToBytes === 0 ? 'pages' : 'vacuum',
        damaged: undefined,
        lockedMs: 0,
      });
      expect([...(await readFile(copy.file)).subarray(18, 20)]).toEqual([2, 2]);
      expect(await readdir(targetFolder)).toEqual(['trinity.db']);
      expect(sumOf(copy.file)).toBe(1000);
    }
  });

  it('copies one moment page by page, when a large database is written meanwhile', async () => {
    const { file, targetFolder } = await folders();
    writeAccounts(file, 'delete', 24_000);
    expect((await stat(file)).size).toBeGreaterThan(64 * 1024 * 1024);
    await startWriter(file);
    for (let turn = 0; turn < 3; turn += 1) {
      const copy = await copyDatabase({ file, targetFolder, signal, busyMs: 60_000, lockBudgetMs: 60_000 });
      expect(copy).toMatchObject({ method: 'pages', damaged: undefined, rowCounts: { filler: 24_000 } });
      expect(sumOf(copy.file)).toBe(1000);
    }
  });

  it('keeps every page in its place, when a quiet database is copied page by page', async () => {
    const { file, targetFolder } = await folders();
    writeAccounts(file, 'delete');
    const copy = await copyDatabase({ file, targetFolder, signal, vacuumUpToBytes: 0 });
    expect((await readFile(copy.file)).equals(await readFile(file))).toBe(true);
  });

  it('gives a private copy and leaves the live folder as it is', async () => {
    const { file, targetFolder, data } = await folders();
    writeAccounts(file, 'delete');
    await chmod(file, 0o644);
    const before = {
      bytes: await readFile(file),
      names: await readdir(data),
      mtime: (await stat(data)).mtimeMs,
    };
    for (const vacuumUpToBytes of [64 * 1024 * 1024, 0]) {
      const copy = await copyDatabase({ file, targetFolder, signal, vacuumUpToBytes });
      expect((await stat(copy.file)).mode & 0o777).toBe(0o600);
      expect(copy.names).toEqual(['trinity.db']);
    }
    expect((await readFile(file)).equals(before.bytes)).toBe(true);
    expect([await readdir(data), (await stat(data)).mtimeMs]).toEqual([before.names, before.mtime]);
  });

  it('rolls back in the copy only, when a dead writer left a journal', async () => {
    const { file, targetFolder } = await folders();
    await writeHotJournal(file);
    const before = [await readFile(file), await readFile(`${file}-journal`)];
    const copy = await copyDatabase({ file, targetFolder, signal });
    expect(copy).toMatchObject({
      method: 'raw',
      damaged: undefined,
      names: ['trinity.db'],
      rowCounts: { filler: 300 },
    });
    expect(sumOf(copy.file)).toBe(1000);
    expect([await readFile(file), await readFile(`${file}-journal`)]).toEqual(before);
  });

  it('takes a damaged database raw and says so, when its header is overwritten, it is cut short, or empty', async () => {
    const { file, targetFolder } = await folders();
    writeAccounts(file, 'delete');
    const whole = await readFile(file);
    const overwritten = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}\n');
    const damages = [
      Buffer.concat([overwritten, whole.subarray(overwritten.length)]),
      whole.subarray(0, 300_000),
      Buffer.alloc(0),
    ];
    for (const bytes of damages) {
      await writeFile(file, bytes);
      const copy = await copyDatabase({ file, targetFolder, signal });
      expect(copy.damaged).toBeTypeOf('string');
      expect(copy).toMatchObject({ method: 'raw', lockedMs: 0, rowCounts: {} });
      expect((await readFile(copy.file)).equals(bytes)).toBe(true);
    }
  });

  it('takes the journal along, when what lies under it is damaged', async () => {
    const { file, targetFolder } = await folders();
    await writeHotJournal(file);
    await truncate(file, 20_000);
    await writeFile(`${file}-journal`, Buffer.alloc(5000, 1));
    const copy = await copyDatabase({ file, targetFolder, signal });
    expect(copy.damaged).toBeTypeOf('string');
    expect(copy.names).toEqual(['trinity.db', 'trinity.db-journal']);
  });

  // T: the driver made an empty database when the source was missing, and that was backed up.
  it('fails and makes no file, when the database is missing', async () => {
    const { file, targetFolder, data } = await folders();
    await expect(copyDatabase({ file, targetFolder, signal })).rejects.toMatchObject({ kind: 'unavailable' });
    expect([await readdir(data), await readdir(targetFolder)]).toEqual([[], []]);
  });

  it('fails as busy, when another program keeps the database locked', async () => {
    const { file, targetFolder } = await folders();
    writeAccounts(file, 'delete');
    const other = new Database(file);
    onTestFinished(() => void other.close());
    other.exec('BEGIN EXCLUSIVE');
    const copying = copyDatabase({ file, targetFolder, signal, busyMs: 50 });
    await expect(copying).rejects.toMatchObject({ kind: 'busy' });
    other.exec('ROLLBACK');
    await expect(copyDatabase({ file, targetFolder, signal })).resolves.toMatchObject({ damaged: undefined });
  });

  it('waits, when another program holds the database for a moment', async () => {
    const { file, targetFolder } = await folders();
    writeAccounts(file, 'delete');
    const other = new Database(file);
    onTestFinished(() => void other.close());
    other.exec('BEGIN EXCLUSIVE; UPDATE here SET amount = 999; UPDATE there SET amount = 1');
    const copying = copyDatabase({ file, targetFolder, signal, busyMs: 60_000 });
    setTimeout(() => other.exec('COMMIT'), 300);
    expect(sumOf((await copying).file)).toBe(1000);
  });

  it('ends with its child, when it is cancelled', async () => {
    const { file, targetFolder } = await folders();
    writeAccounts(file, 'delete');
    const controller = new AbortController();
    const other = new Database(file);
    onTestFinished(() => void other.close());
    other.exec('BEGIN EXCLUSIVE');
    const copying = copyDatabase({ file, targetFolder, signal: controller.signal, busyMs: 60_000 });
    setTimeout(() => controller.abort(new Error('enough')), 100);
    await expect(copying).rejects.toThrow('enough');
  });
});
