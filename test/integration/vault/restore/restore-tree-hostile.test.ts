import fs from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { MemoryTree } from '../../../fakes/memory-listing.ts';
import { newTarget, restoreMemoryTree } from '../../../helpers/restore-memory-tree.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

/** Restores what must fail; gives what failed and all that now lies beside the target. */
async function refused(tree: MemoryTree) {
  const target = await newTarget();
  const error: unknown = await restoreMemoryTree(tree, { target }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, target, beside: await readdir(path.dirname(target)) };
}

describe('restoreTree, from a hostile listing', () => {
  it.each(['../out', '..', '/out', 'a/../../out', './out', 'a//out', 'a\0b'])(
    'writes nothing outside for the path %j',
    async (name) => {
      const tree = new MemoryTree().folder('a');
      await tree.file(name, [Buffer.from('evil')]);
      const { error, beside } = await refused(tree);
      expect(error).toMatchObject({ kind: 'damaged' });
      expect(beside).toEqual(['target']);
    },
  );

  it.each(['..', '../out', 'a/../../out', '/out'])(
    'makes no folder outside for the path %j',
    async (name) => {
      const { error, beside } = await refused(new MemoryTree().folder('a').folder(name));
      expect(error).toMatchObject({ kind: 'damaged' });
      expect(beside).toEqual(['target']);
    },
  );

  it('does not write through a symlink of its own', async () => {
    const outside = await tempFolder();
    const tree = new MemoryTree().symlink('link', outside);
    await tree.file('link/file', [Buffer.from('evil')]);
    expect((await refused(tree)).error).toMatchObject({ kind: 'damaged' });
    expect(await readdir(outside)).toEqual([]);
  });

  it('does not enter a symlink that a folder entry of the same name follows', async () => {
    const outside = await tempFolder();
    const tree = new MemoryTree().symlink('link', outside).folder('link');
    await tree.file('link/file', [Buffer.from('evil')]);
    const { error } = await refused(tree);
    expect(error).toMatchObject({ kind: 'failed', details: { code: 'EEXIST' } });
    expect(await readdir(outside)).toEqual([]);
  });

  it('does not write a file over a symlink of the same name', async () => {
    const outside = path.join(await tempFolder(), 'file');
    const tree = new MemoryTree().symlink('name', outside);
    await tree.file('name', [Buffer.from('evil')]);
    expect((await refused(tree)).error).toMatchObject({ kind: 'failed' });
    expect(fs.existsSync(outside)).toBe(false);
  });

  it('does not write a file over another of the same name', async () => {
    const tree = new MemoryTree();
    await tree.file('name', [Buffer.from('first')]);
    await tree.file('name', [Buffer.from('second')]);
    const { error, target } = await refused(tree);
    expect(error).toMatchObject({ kind: 'failed', details: { code: 'EEXIST' } });
    expect(fs.readFileSync(path.join(target, 'name'), 'utf8')).toBe('first');
  });

  it.each(['../secret', '/etc/hostname', 'link/secret', '..'])('links no file outside: %j', async (first) => {
    const target = await newTarget();
    fs.writeFileSync(path.join(path.dirname(target), 'secret'), 'secret');
    const tree = new MemoryTree().symlink('link', '..').hardLink('stolen', first);
    await expect(restoreMemoryTree(tree, { target })).rejects.toThrow(/damaged|replaced|cannot be a name/u);
    expect(fs.existsSync(path.join(target, 'stolen'))).toBe(false);
  });

  it('refuses extents that are not in their chunk, or do not make the size', async () => {
    const tree = new MemoryTree();
    const chunk = await tree.chunk(Buffer.from('abc'));
    tree.all.push(tree.fileOf('f', [{ chunk, offset: 2, length: 5 }], 0));
    expect((await refused(tree)).error).toMatchObject({ kind: 'damaged', details: { files: ['f'] } });
    const other = new MemoryTree();
    other.all.push({
      ...other.fileOf('f', [], 0),
      stat: { ...other.fileOf('f', [], 0).stat, size: 2 ** 50 },
    });
    expect((await refused(other)).error).toMatchObject({ kind: 'damaged' });
  });

  it('refuses a target that is not empty, or is a symlink', async () => {
    const full = await newTarget();
    fs.writeFileSync(path.join(full, 'mine'), 'mine');
    await expect(restoreMemoryTree(new MemoryTree(), { target: full })).rejects.toMatchObject({
      kind: 'refused',
    });
    const link = path.join(await tempFolder(), 'link');
    fs.symlinkSync(await newTarget(), link);
    await expect(restoreMemoryTree(new MemoryTree(), { target: link })).rejects.toMatchObject({
      kind: 'failed',
    });
  });
});

// Swaps the folder `f` for a symlink that leads outside, and back, as fast as it can.
const swapper = `
const fs = require('node:fs');
const { workerData: { target, outside } } = require('node:worker_threads');
for (;;) {
  try { fs.renameSync(target + '/f', target + '/hidden'); fs.symlinkSync(outside, target + '/f'); } catch {}
  try { fs.unlinkSync(target + '/f'); } catch {}
  try { fs.renameSync(target + '/hidden', target + '/f'); } catch {}
}`;

describe('restoreTree, while another program swaps folders for symlinks', () => {
  it('writes nothing outside, and nothing outside gets an owner or a mode', async () => {
    const target = await newTarget();
    const outside = await tempFolder();
    fs.mkdirSync(path.join(outside, 'g'), { mode: 0o711 });
    const tree = new MemoryTree().folder('f').folder('f/g', { stat: { mode: 0o777 } });
    for (let number = 0; number < 2000; number += 1) {
      const name = `f/g/${String(number).padStart(5, '0')}`;
      if (number % 100 === 0) {
        tree.folder(name);
      } else {
        await tree.file(name, [Buffer.from(name)]);
      }
    }
    tree.symlink('z', 'f');
    const worker = new Worker(swapper, { eval: true, workerData: { target, outside } });
    try {
      // Either all was well, or the swap was seen.
      await restoreMemoryTree(tree, { target }).catch((error: unknown) => {
        expect(error).toMatchObject({ kind: 'failed' });
      });
    } finally {
      await worker.terminate();
    }
    expect(await readdir(outside)).toEqual(['g']);
    expect(await readdir(path.join(outside, 'g'))).toEqual([]);
    expect(fs.statSync(path.join(outside, 'g')).mode & 0o777).toBe(0o711);
  });

  it.each(['a symlink', 'another folder'])(
    'sees, when a folder that it had to close was replaced by %s',
    async (by) => {
      const target = await newTarget();
      const outside = await tempFolder();
      fs.mkdirSync(path.join(outside, 'other'));
      const tree = new MemoryTree();
      await tree.file('A', [Buffer.from('A')]);
      tree.folder('a');
      // More folders than are held open at once: the first is reached by its name again for the file in it.
      for (let number = 0; number < 200; number += 1) {
        tree.folder(`a/${nameOf(number)}`);
        await tree.file(`a/${nameOf(number)}/file`, [Buffer.from(nameOf(number))]);
      }
      const read = tree.chunks.read.bind(tree.chunks);
      let reads = 0;
      tree.chunks.read = async (id) => {
        reads += 1;
        if (reads === 1) {
          await untilThere(path.join(target, 'a', nameOf(199)));
          const replaced = path.join(target, 'a', nameOf(0));
          fs.renameSync(replaced, path.join(outside, 'moved'));
          if (by === 'a symlink') {
            fs.symlinkSync(path.join(outside, 'other'), replaced);
          } else {
            fs.renameSync(path.join(outside, 'other'), replaced);
          }
        }
        return await read(id);
      };
      await expect(restoreMemoryTree(tree, { target })).rejects.toMatchObject({ kind: 'failed' });
      expect(await readdir(path.join(outside, 'moved'))).toEqual([]);
      expect(await readdir(path.join(target, 'a', nameOf(0)))).toEqual([]);
    },
  );
});

function nameOf(number: number): string {
  return String(number).padStart(5, '0');
}

async function untilThere(file: string): Promise<void> {
  while (!fs.existsSync(file)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
