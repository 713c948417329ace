import fs from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { MemoryChunks } from '../../../fakes/memory-chunks.ts';
import { capture, contentOf } from '../../../helpers/capture.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

function makeDatabase(file: string, rows: number, pageSize = 4096): void {
  const database = new Database(file);
  database.pragma('synchronous = OFF');
  database.pragma(`page_size = ${String(pageSize)}`);
  database.exec(
    'CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, body TEXT); CREATE INDEX byName ON t (name)',
  );
  const insert = database.prepare('INSERT INTO t (name, body) VALUES (?, ?)');
  database.transaction(() => {
    for (let row = 0; row < rows; row += 1) {
      insert.run(`name ${String((row * 7919) % rows)}`, `body of ${String(row)} `.repeat(20));
    }
  })();
  database.close();
}

describe('captureTree of SQLite files', () => {
  it('stores new pages only, though inserting moved and changed bytes everywhere', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    const file = join(root, 'data.db');
    makeDatabase(file, 20_000);
    const size = fs.statSync(file).size;
    const first = await capture(root, chunks);
    expect(first.entries.get('data.db')).toMatchObject({ kind: 'file', content: 'paged' });
    expect(first.result.changedDatabases.map(String)).toEqual(['data.db']);
    expect((await contentOf(first, chunks, 'data.db')).equals(fs.readFileSync(file))).toBe(true);
    const database = new Database(file);
    database.exec(
      "UPDATE t SET body = 'short' WHERE id % 4000 = 7; DELETE FROM t WHERE id BETWEEN 500 AND 520",
    );
    database.close();
    const second = await capture(root, chunks, { previous: first.listing });
    expect((await contentOf(second, chunks, 'data.db')).equals(fs.readFileSync(file))).toBe(true);
    expect(second.result.bytesAdded).toBeLessThan(size / 20);
    expect(second.result.changedDatabases.map(String)).toEqual(['data.db']);
    expect(second.result.listing.bytes).toBe(fs.statSync(file).size);
  });

  it('finds pages wherever they moved to, in a copy with another inode and other times', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    const file = join(root, 'data.db');
    makeDatabase(file, 20_000);
    const first = await capture(root, chunks);
    const content = fs.readFileSync(file);
    // Pages in another order: what is no database any more is still the same pages.
    const half = Math.floor(content.length / 4096 / 2) * 4096;
    const moved = Buffer.concat([
      content.subarray(0, 4096),
      content.subarray(half),
      content.subarray(4096, half),
    ]);
    fs.rmSync(file);
    fs.writeFileSync(file, moved);
    const second = await capture(root, chunks, { previous: first.listing });
    expect(second.result.filesRead).toBe(1);
    expect((await contentOf(second, chunks, 'data.db')).equals(moved)).toBe(true);
    fs.utimesSync(file, 1, 1);
    const third = await capture(root, chunks, { previous: second.listing });
    expect(third.result).toMatchObject({ filesRead: 1, changedDatabases: [] });
    // The page map, the block, the root.
    expect(second.result.bytesAdded).toBeLessThan(content.length / 100);
  });

  it('takes an unchanged one over unopened, also when it was changed page by page before', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    const file = join(root, 'data.db');
    makeDatabase(file, 5000);
    let captured = await capture(root, chunks);
    for (let round = 0; round < 3; round += 1) {
      const database = new Database(file);
      database.exec(`UPDATE t SET name = 'round ${String(round)}' WHERE id = ${String(round * 100)}`);
      database.close();
      captured = await capture(root, chunks, { previous: captured.listing });
    }
    const again = await capture(root, chunks, { previous: captured.listing });
    expect(again.result).toMatchObject({ filesRead: 0, bytesAdded: 0 });
    expect(again.result.listing.checksum).toBe(captured.result.listing.checksum);
    expect((await contentOf(again, chunks, 'data.db')).equals(fs.readFileSync(file))).toBe(true);
  });

  it('stores pages anew whose chunks the vault lost', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    const file = join(root, 'data.db');
    makeDatabase(file, 5000);
    const first = await capture(root, chunks);
    const entry = first.entries.get('data.db');
    const [extent] = entry?.kind === 'file' ? await first.listing.contentOf(entry) : [];
    chunks.lose(first.listing.chunkId(extent?.chunk ?? -1));
    const second = await capture(root, chunks, { previous: first.listing });
    expect(second.result.filesRead).toBe(1);
    expect((await contentOf(second, chunks, 'data.db')).equals(fs.readFileSync(file))).toBe(true);
  });

  it('stores all pages anew when the page map was lost', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    const file = join(root, 'data.db');
    makeDatabase(file, 5000);
    const first = await capture(root, chunks);
    const entry = first.entries.get('data.db');
    for (const extent of entry?.kind === 'file' ? entry.extents : []) {
      chunks.lose(first.listing.chunkId(extent.chunk));
    }
    const second = await capture(root, chunks, { previous: first.listing });
    expect((await contentOf(second, chunks, 'data.db')).equals(fs.readFileSync(file))).toBe(true);
  });

  it('takes any page size, and what only looks like a database as it is', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    makeDatabase(join(root, 'small-pages.db'), 3000, 512);
    makeDatabase(join(root, 'large-pages.db'), 3000, 65_536);
    const header = Buffer.from('SQLite format 3\0');
    fs.writeFileSync(join(root, 'cut-off'), Buffer.concat([header, Buffer.alloc(300_001, 'x')]));
    fs.writeFileSync(join(root, 'odd-page'), Buffer.concat([header, Buffer.of(3, 7), Buffer.alloc(300_000)]));
    fs.writeFileSync(join(root, 'tiny'), header);
    const captured = await capture(root, chunks);
    for (const name of fs.readdirSync(root)) {
      expect((await contentOf(captured, chunks, name)).equals(fs.readFileSync(join(root, name)))).toBe(true);
    }
    expect(captured.entries.get('small-pages.db')).toMatchObject({ content: 'paged' });
    expect(captured.entries.get('large-pages.db')).toMatchObject({ content: 'paged' });
    expect(captured.entries.get('cut-off')).toMatchObject({ content: 'inline' });
    expect(captured.entries.get('odd-page')).toMatchObject({ content: 'inline' });
  });

  it('frees chunks of which little is used, over some backups', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    const file = join(root, 'data.db');
    fs.writeFileSync(join(root, 'ballast'), Buffer.alloc(30_000_000, 'ballast'));
    makeDatabase(file, 10_000);
    let captured = await capture(root, chunks);
    const firstChunks = captured.listing.data.table.lengths.length;
    const database = new Database(file);
    // Nearly all rows are rewritten: of the first chunks only some pages stay.
    database.exec("UPDATE t SET body = replace(body, 'body', 'text') WHERE id % 1000 > 120");
    database.close();
    for (let round = 0; round < 3; round += 1) {
      captured = await capture(root, chunks, { previous: captured.listing });
    }
    const { lengths, used } = captured.listing.data.table;
    const thin = lengths.filter((length, chunk) => (used[chunk] ?? 0) * 2 < length);
    expect(thin).toHaveLength(0);
    expect(lengths.slice(0, firstChunks).filter((length) => length === 0).length).toBeGreaterThan(0);
    expect((await contentOf(captured, chunks, 'data.db')).equals(fs.readFileSync(file))).toBe(true);
  });

  it('keeps an unchanged database whole, when the chunks of its listing get new numbers', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    const file = join(root, 'z.db');
    makeDatabase(file, 1000);
    // A chunk each, before those of the database: without them over half of the numbers, of which there are many, are unused.
    const others = Array.from({ length: 260 }, (_, number) => join(root, `a-${String(number)}`));
    others.forEach((other, number) => fs.writeFileSync(other, Buffer.alloc(262_144, `${String(number)} `)));
    const first = await capture(root, chunks);
    others.forEach((other) => fs.rmSync(other));
    const second = await capture(root, chunks, { previous: first.listing });
    const third = await capture(root, chunks, { previous: second.listing });
    const fourth = await capture(root, chunks, { previous: third.listing });
    for (const { listing, entries } of [second, third, fourth]) {
      expect((await contentOf({ listing, entries }, chunks, 'z.db')).equals(fs.readFileSync(file))).toBe(
        true,
      );
    }
    expect([second, third, fourth].map(({ listing }) => listing.data.table.count > 256)).toEqual([
      true,
      false,
      false,
    ]);
    expect(third.result.bytesAdded).toBeLessThan(16_384);
    expect(fourth.result.filesRead).toBe(0);
  });
});
