import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { compareTree } from '../../../../main/vault/restore/compare-tree.ts';
import { restoreTree } from '../../../../main/vault/restore/restore-tree.ts';
import { sendFiles } from '../../../../main/backup/by-helper/send-files.ts';
import { MemoryChunks } from '../../../fakes/memory-chunks.ts';
import { MemoryTree } from '../../../fakes/memory-listing.ts';
import { capture } from '../../../helpers/capture.ts';
import { writeFidelityTree } from '../../../helpers/fidelity-tree.ts';
import { localWriter } from '../../../helpers/local-writer.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { snapshotTree } from '../../../helpers/tree-snapshot.ts';

const { signal } = new AbortController();
const hasPython =
  spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']).status === 0;

describe.skipIf(!hasPython || process.getuid?.() !== 0)('tree-writer.py', () => {
  it('writes a tree as it was: names, links, modes, owners, times, attributes, holes', async () => {
    const source = path.join(await tempFolder(), 'source');
    await writeFidelityTree(source);
    const database = new Database(path.join(source, 'data.db'));
    database.exec('CREATE TABLE t (x); ');
    for (let row = 0; row < 400; row += 1) database.prepare('INSERT INTO t VALUES (?)').run('x'.repeat(4000));
    database.close();
    const chunks = new MemoryChunks();
    const { listing } = await capture(source, chunks);
    const target = path.join(await tempFolder(), 'target');
    let told = 0;
    const sink = await localWriter().writeTree(target, signal, (bytes) => (told = bytes));
    const result = await restoreTree({ listing, reader: chunks, target: sink, exactMetadata: true, signal });
    expect(result.warnings).toEqual([]);
    expect(told).toBeGreaterThan(1_600_000);
    expect(await compareTree(listing, target, { signal })).toEqual([]);
    const isLeftOut = (name: string): boolean => ['fifo', 'socket', 'sparse'].includes(name);
    expect(snapshotTree(target, isLeftOut)).toEqual(snapshotTree(source, isLeftOut));
    const { size, blocks } = statSync(`${target}/sparse`);
    expect(size).toBe(5 * 1024 ** 3);
    expect(blocks * 512).toBeLessThan(1_048_576);
  });

  it('writes only what was wanted, and the folders above it', async () => {
    const tree = new MemoryTree();
    tree.folder('a');
    await tree.file('a/one', [Buffer.from('one')]);
    await tree.file('a/two', [Buffer.from('two')]);
    const target = path.join(await tempFolder(), 'target');
    const wants = ({ path: bytes }: { path: Buffer }): boolean => bytes.toString() === 'a/two';
    const sink = await localWriter().writeTree(target, signal);
    await restoreTree({
      listing: tree,
      reader: tree.chunks,
      target: sink,
      wants,
      exactMetadata: true,
      signal,
    });
    expect(Object.keys(snapshotTree(target))).toEqual(['', 'a', 'a/two']);
  });

  it('refuses content that is not what was backed up, names that lead elsewhere, and a place that is not empty', async () => {
    const folder = await tempFolder();
    const attempt = async (tree: MemoryTree, target: string): Promise<unknown> => {
      const sink = await localWriter().writeTree(target, signal);
      return await restoreTree({
        listing: tree,
        reader: tree.chunks,
        target: sink,
        exactMetadata: true,
        signal,
      });
    };
    const outside = new MemoryTree();
    await outside.file('..', [Buffer.from('x')]);
    await expect(attempt(outside, path.join(folder, 'a'))).rejects.toMatchObject({ kind: 'damaged' });
    const linked = new MemoryTree();
    linked.hardLink('link', '../../etc/passwd');
    await expect(attempt(linked, path.join(folder, 'b'))).rejects.toMatchObject({ kind: 'damaged' });
    const wrong = new MemoryTree();
    await wrong.file('file', [Buffer.from('right')]);
    const last = wrong.all.at(-1);
    if (last?.kind !== 'file') throw new Error('There is a file.');
    wrong.all.splice(-1, 1, { ...last, crc32: last.crc32 ^ 1 });
    await expect(attempt(wrong, path.join(folder, 'c'))).rejects.toThrow('"file" is damaged');
    await expect(attempt(new MemoryTree(), folder)).rejects.toMatchObject({ kind: 'refused' });
  });

  it('tells of a program that ended, and of a caller who has given up', async () => {
    const folder = await tempFolder();
    const sink = await localWriter().writeTree(path.join(folder, 'a'), signal);
    const stuck = rejectionOf(sink.whileRunning(new Promise(() => undefined)));
    await sink[Symbol.asyncDispose]();
    expect(String(await stuck)).toContain('ended early');
    const abort = new AbortController();
    await using other = await localWriter().writeTree(path.join(folder, 'b'), abort.signal);
    const waiting = rejectionOf(other.whileRunning(new Promise(() => undefined)));
    abort.abort(new Error('given up'));
    expect(String(await waiting)).toContain('given up');
  });

  it('takes files of ours under other names', async () => {
    const folder = await tempFolder();
    const database = new Database(path.join(folder, 'copy'));
    database.exec('CREATE TABLE t (x)');
    database.close();
    const meta = { mode: 0o640, uid: 1000, gid: 1000, mtimeNs: 1_700_000_000_000_000_001n };
    const file = { file: path.join(folder, 'copy'), name: Buffer.from('trinity.db'), meta };
    await sendFiles(await localWriter().writeTree(path.join(folder, 'target'), signal), [file]);
    const found = snapshotTree(path.join(folder, 'target'))['trinity.db'];
    const copy = snapshotTree(folder)['copy'] ?? '';
    expect(found).toMatch(/ 640 1000:1000 1700000000000000001$/u);
    expect(found?.split(' ')[2]).toBe(copy.split(' ')[2]);
    expect(existsSync(path.join(folder, 'target', 'copy'))).toBe(false);
  });
});
