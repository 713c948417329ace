import Database from 'better-sqlite3';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openListing } from '../../../../main/vault/listing/open-listing.ts';
import { MemoryChunks } from '../../../fakes/memory-chunks.ts';
import { capture } from '../../../helpers/capture.ts';
import { writeFidelityTree } from '../../../helpers/fidelity-tree.ts';
import { captureByRecords } from '../../../helpers/record-capture.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

/** A tree with every kind of entry, a database, and holes between data. */
async function writeTree(): Promise<string> {
  const root = join(await tempFolder(), 'tree');
  await writeFidelityTree(root);
  const database = new Database(`${root}/state.db`);
  database.exec('CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)');
  const insert = database.prepare('INSERT INTO t (b) VALUES (?)');
  for (let row = 0; row < 2000; row += 1) {
    insert.run(`row ${String(row)} `.repeat(20));
  }
  database.close();
  const fd = fs.openSync(`${root}/holes`, 'w');
  for (let at = 0; at < 40; at += 1) {
    fs.writeSync(fd, Buffer.alloc(300_000, String(at)), 0, 300_000, at * 1_048_576);
  }
  fs.closeSync(fd);
  return root;
}

describe('captureTree from records', () => {
  it('makes the listing that a capture of the folder makes, with the same findings', async () => {
    const root = await writeTree();
    const chunks = new MemoryChunks();
    const racyFromNs = fs.statSync(`${root}/holes`, { bigint: true }).mtimeNs;
    const more = { exclude: ['modes/400', '/links/'], racyFromNs };
    const { result } = await capture(root, chunks, more);
    const { result: byRecords } = await captureByRecords(root, new MemoryChunks(), more);
    expect(byRecords).toStrictEqual(result);
  });

  it('makes the same listing beside the one before, and sends only what changed', async () => {
    const root = await writeTree();
    const chunks = new MemoryChunks();
    const first = await capture(root, chunks);
    const database = new Database(`${root}/state.db`);
    database.exec("UPDATE t SET b = 'changed' WHERE a % 100 = 0");
    database.close();
    fs.writeFileSync(`${root}/empty-file`, 'no more');
    fs.renameSync(`${root}/large`, `${root}/larger`);
    fs.rmSync(`${root}/sparse`);
    const previous = await openListing(chunks, first.result.listing);
    const { result } = await capture(root, chunks, { previous });
    const { result: byRecords, selection } = await captureByRecords(root, chunks, { previous });
    expect(byRecords.listing).toStrictEqual(result.listing);
    expect(selection.wantedFiles).toBe(3);
    expect(byRecords.filesRead).toBe(3);
    expect(byRecords.bytesRead).toBe(result.bytesRead);
  });
});
