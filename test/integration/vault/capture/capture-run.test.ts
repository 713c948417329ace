import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { captureTree } from '../../../../main/vault/capture/capture-tree.ts';
import type { CaptureProgress } from '../../../../main/vault/capture/capture.ts';
import { MemoryChunks } from '../../../fakes/memory-chunks.ts';
import { capture, captureRequest } from '../../../helpers/capture.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

describe('captureTree as a run', () => {
  it('leaves out what the rules say, and counts it', async () => {
    const root = await tempFolder();
    for (const folder of ['node_modules/x', 'src/node_modules', 'cache']) {
      fs.mkdirSync(join(root, folder), { recursive: true });
    }
    for (const file of ['node_modules/x/y', 'src/a.log', 'src/keep.log', 'cache/z', 'src/b']) {
      fs.writeFileSync(join(root, file), '12345');
    }
    const exclude = ['node_modules/', '*.log', '!keep.log', '/cache/**'];
    const { entries, result } = await capture(root, new MemoryChunks(), { exclude });
    expect([...entries.keys()]).toStrictEqual(['', 'cache', 'src', 'src/b', 'src/keep.log']);
    expect(result).toMatchObject({ excludedFiles: 4, excludedBytes: 10, warnings: [], notes: [] });
  });

  it('walks only the names it is given', async () => {
    const root = await tempFolder();
    fs.mkdirSync(join(root, 'a'));
    for (const file of ['a/b', 'b', 'é', 'z']) {
      fs.writeFileSync(join(root, file), '');
    }
    const { entries } = await capture(root, new MemoryChunks(), { only: ['a', 'é', 'not there'] });
    expect([...entries.values()].map(({ path }) => path.toString())).toStrictEqual(['', 'a', 'a/b', 'é']);
  });

  it('does not cross into another file system, and says so by name', async () => {
    const { entries, result } = await capture('/', new MemoryChunks(), { only: ['proc'] });
    expect([...entries.keys()]).toStrictEqual(['']);
    expect(result.warnings).toMatchObject([{ code: 'other-mount', path: 'proc' }]);
  });

  it('walks a tree that is deeper than the descriptors it keeps open', async () => {
    const root = await tempFolder();
    const deep = Array.from({ length: 150 }, () => 'd').join('/');
    fs.mkdirSync(join(root, deep), { recursive: true });
    for (let depth = 1; depth <= 150; depth += 1) {
      fs.writeFileSync(join(root, deep.slice(0, depth * 2 - 1), 'e'), String(depth));
    }
    const { entries, result } = await capture(root, new MemoryChunks());
    expect(result.warnings).toStrictEqual([]);
    expect(entries.size).toBe(301);
    expect(entries.get(`${deep}/e`)?.stat.size).toBe(3);
  });

  it('sorts a huge folder on disk', async () => {
    const root = await tempFolder();
    fs.writeFileSync(join(root, 'x'), '');
    const count = 51_000;
    for (let at = 0; at < count; at += 1) {
      fs.linkSync(join(root, 'x'), join(root, `name-${String((at * 7919) % count)}`));
    }
    const { result } = await capture(root, new MemoryChunks());
    expect(result).toMatchObject({ filesRead: 1, warnings: [] });
    expect(result.listing).toMatchObject({ entries: count + 2, files: count + 1 });
  });

  it('names a root that is not there, is no folder or is a symlink', async () => {
    const root = await tempFolder();
    fs.writeFileSync(join(root, 'file'), '');
    fs.symlinkSync('.', join(root, 'link'));
    const chunks = new MemoryChunks();
    await expect(capture(join(root, 'gone'), chunks)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(capture(join(root, 'file'), chunks)).rejects.toMatchObject({ kind: 'failed' });
    await expect(capture(join(root, 'link'), chunks)).rejects.toMatchObject({ kind: 'failed' });
  });

  it('ends when it is cancelled, though nothing is stored any more', async () => {
    const root = await tempFolder();
    fs.writeFileSync(join(root, 'file'), Buffer.alloc(50 * 1024 * 1024, 'x'));
    const chunks = new MemoryChunks();
    const controller = new AbortController();
    const isStoring = Promise.withResolvers<void>();
    const neverEnds = Promise.withResolvers<void>();
    chunks.beforeStore = async () => {
      isStoring.resolve();
      await neverEnds.promise;
    };
    const run = captureTree(captureRequest(root, chunks, { signal: controller.signal }));
    await isStoring.promise;
    controller.abort();
    await expect(run).rejects.toMatchObject({ name: 'AppError', kind: 'cancelled' });
    await expect(
      captureTree(captureRequest(root, chunks, { signal: controller.signal })),
    ).rejects.toMatchObject({
      kind: 'cancelled',
    });
  });

  it('rejects with what a store rejected with', async () => {
    const root = await tempFolder();
    fs.writeFileSync(join(root, 'file'), 'x');
    const chunks = new MemoryChunks();
    const failure = new AppError('unavailable', 'The disk is away.');
    chunks.beforeStore = async () => {
      await delay(1);
      throw failure;
    };
    await expect(capture(root, chunks)).rejects.toBe(failure);
  });

  it('keeps the root of the listing compressed and the content as asked', async () => {
    const root = await tempFolder();
    fs.writeFileSync(join(root, 'file'), 'x');
    const chunks = new MemoryChunks();
    await capture(root, chunks, { compress: false });
    expect(chunks.batches.map((batch) => `${batch.class} ${String(batch.compress)}`)).toStrictEqual([
      'data false',
      'meta true',
      'meta true',
    ]);
  });

  it('tells how far it is', async () => {
    const root = await tempFolder();
    fs.writeFileSync(join(root, 'file'), 'x');
    const seen: CaptureProgress[] = [];
    await capture(root, new MemoryChunks(), { onProgress: (progress) => seen.push(progress) });
    expect(seen[0]).toStrictEqual({ files: 0, bytes: 0, bytesRead: 0, path: 'file' });
  });
});
