import { copyFile, mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkDatabase } from '../../../main/trinity/check-database.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const signal = new AbortController().signal;

async function makeDatabase(
  journalMode: 'delete' | 'wal',
): Promise<Readonly<{ file: string; folder: string }>> {
  const folder = join(await tempFolder(), 'tree');
  await mkdir(folder);
  const file = join(folder, 'app.db');
  const database = new Database(file);
  database.pragma(`journal_mode=${journalMode}`);
  database.exec('CREATE TABLE notes (text TEXT); CREATE INDEX by_text ON notes (text)');
  database.exec(
    "INSERT INTO notes SELECT 'note ' || value FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 900) SELECT value FROM n)",
  );
  database.close();
  return { file, folder };
}

async function stateOf(folder: string): Promise<unknown> {
  const names = (await readdir(folder)).toSorted();
  const bytes = await Promise.all(names.map((name) => readFile(join(folder, name), 'hex')));
  return { names, bytes, mtime: (await stat(folder)).mtimeMs };
}

describe('checkDatabase', () => {
  it('finds a sound database sound and leaves file and folder as they are', async () => {
    for (const journalMode of ['delete', 'wal'] as const) {
      const { file, folder } = await makeDatabase(journalMode);
      const before = await stateOf(folder);
      expect(await checkDatabase(file, signal)).toEqual({
        ok: true,
        problems: [],
        rowCounts: { notes: 900 },
      });
      expect(await stateOf(folder)).toEqual(before);
    }
  });

  it('reads what is still in the write-ahead log, and leaves the log as it is', async () => {
    const { file, folder } = await makeDatabase('wal');
    const open = new Database(file);
    onTestFinished(() => void open.close());
    open.exec("INSERT INTO notes VALUES ('in the log')");
    const before = await stateOf(folder);
    const scratch = await tempFolder();
    expect(await checkDatabase(file, signal, { scratch })).toMatchObject({
      ok: true,
      rowCounts: { notes: 901 },
    });
    expect(await stateOf(folder)).toEqual(before);
    expect(await readdir(scratch)).toEqual([]);
  });

  it('names what is wrong, when bytes are overwritten or it is no database', async () => {
    const { file } = await makeDatabase('delete');
    const whole = await readFile(file);
    const damaged = Buffer.concat([
      whole.subarray(0, 4200),
      Buffer.alloc(6000, 0xee),
      whole.subarray(10_200),
    ]);
    for (const bytes of [damaged, Buffer.from('<html>not found</html>'.repeat(400))]) {
      await writeFile(file, bytes);
      const check = await checkDatabase(file, signal);
      expect(check).toMatchObject({ ok: false, rowCounts: {} });
      expect(check.problems.length).toBeGreaterThan(0);
    }
  });

  it('says that it could not check, which is not damage, when there is no file or time runs out', async () => {
    const { file, folder } = await makeDatabase('delete');
    await expect(checkDatabase(join(folder, 'none.db'), signal)).rejects.toMatchObject({
      kind: 'unavailable',
    });
    await expect(checkDatabase(folder, signal)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(checkDatabase(file, signal, { limitMs: 0 })).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('runs no view or trigger of a hostile schema, and ends one that never would', async () => {
    const { file } = await makeDatabase('delete');
    const database = new Database(file);
    database.exec(
      'CREATE VIEW endless AS WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v FROM n) SELECT * FROM n',
    );
    database.exec('CREATE TRIGGER bomb AFTER INSERT ON notes BEGIN DELETE FROM notes; END');
    database.close();
    expect(await checkDatabase(file, signal)).toMatchObject({ ok: true, rowCounts: { notes: 900 } });
  });

  it('follows no sidecar that is a link to elsewhere', async () => {
    const { file } = await makeDatabase('wal');
    const linked = join(await tempFolder(), 'linked.db');
    await copyFile(file, linked);
    const open = new Database(file);
    onTestFinished(() => void open.close());
    open.exec("INSERT INTO notes VALUES ('of another database')");
    await symlink(`${file}-wal`, `${linked}-wal`);
    expect(await checkDatabase(linked, signal)).toMatchObject({ ok: true, rowCounts: { notes: 900 } });
  });

  it('stops, when it is cancelled', async () => {
    const { file } = await makeDatabase('delete');
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(checkDatabase(file, aborted)).rejects.toThrow('enough');
  });
});
