import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compareTree } from '../../../../main/vault/restore/compare-tree.ts';
import { MemoryTree } from '../../../fakes/memory-listing.ts';
import { newTarget, restoreMemoryTree } from '../../../helpers/restore-memory-tree.ts';

const signal = new AbortController().signal;

describe('restoreTree, content', () => {
  it('writes files whose chunks are shared, repeated, large and in any order, reading each chunk once', async () => {
    const tree = new MemoryTree();
    const shared = [randomBytes(100_000), randomBytes(100_000), randomBytes(100_000)] as const;
    const numbers = await Promise.all(shared.map(async (bytes) => await tree.chunk(bytes)));
    // Neighbours by name lie in turn in three chunks, as after many backups.
    for (let number = 0; number < 300; number += 1) {
      const chunk = numbers[number % 3] ?? 0;
      const offset = number * 300;
      const crc = crc32((shared[number % 3] ?? shared[0]).subarray(offset, offset + 300));
      tree.all.push(
        tree.fileOf(`small-${String(number).padStart(3, '0')}`, [{ chunk, offset, length: 300 }], crc),
      );
    }
    await tree.file(
      'z-large',
      Array.from({ length: 12 }, () => randomBytes(4 * 1024 * 1024 - 7)),
    );
    const { target, result } = await restoreMemoryTree(tree);
    expect(await compareTree(tree, target, { signal })).toEqual([]);
    expect(tree.chunks.reads).toBe(3 + 12);
    expect(result.bytes).toBe(300 * 300 + 12 * (4 * 1024 * 1024 - 7));
  });

  it('writes paged files, whose pages lie strewn and with holes', async () => {
    const tree = new MemoryTree();
    const pages = Array.from({ length: 400 }, (_, number) => (number % 50 === 7 ? 4096 : randomBytes(4096)));
    await tree.pagedFile('database', pages);
    const file = tree.all.at(-1);
    if (file?.kind === 'file') {
      // The first pages lie in the last chunks.
      const extents = await tree.contentOf(file);
      expect(extents.length).toBe(400);
    }
    const { target } = await restoreMemoryTree(tree);
    expect(await compareTree(tree, target, { signal })).toEqual([]);
    expect(fs.statSync(`${target}/database`).size).toBe(400 * 4096);
  });

  it('does more entries than it plans at once, with links across', async () => {
    const tree = new MemoryTree().folder('a');
    await tree.file('a/first', [Buffer.from('first')]);
    for (let number = 0; number < 34_000; number += 1) {
      await tree.file(`a/m${String(number).padStart(6, '0')}`);
    }
    tree.hardLink('a/z', 'a/first').folder('b');
    const { target, result } = await restoreMemoryTree(tree);
    expect(await compareTree(tree, target, { signal })).toEqual([]);
    expect(result.files).toBe(34_002);
  });

  it('goes down deeper than folders can be held open', async () => {
    const tree = new MemoryTree();
    let folder = '';
    for (let depth = 0; depth < 300; depth += 1) {
      folder += folder === '' ? 'd' : '/d';
      tree.folder(folder, { stat: { mtimeNs: BigInt(depth) } });
    }
    await tree.file(`${folder}/file`, [Buffer.from('deep')]);
    const { target } = await restoreMemoryTree(tree);
    expect(await compareTree(tree, target, { signal })).toEqual([]);
  });
});

describe('restoreTree, of damaged content', () => {
  it('throws, naming every file that needs a chunk which is gone', async () => {
    const tree = new MemoryTree();
    await tree.file('good', [Buffer.from('good')]);
    await tree.file('bad', [Buffer.from('fine'), Buffer.from('lost')]);
    const lost = tree.all.at(-1);
    const chunk = lost?.kind === 'file' ? (lost.extents[1]?.chunk ?? 0) : 0;
    tree.all.push(tree.fileOf('worse', [{ chunk, offset: 0, length: 4 }], 0));
    tree.chunks.lose(tree.chunkId(chunk));
    await expect(restoreMemoryTree(tree)).rejects.toMatchObject({
      kind: 'damaged',
      details: { files: ['bad', 'worse'] },
    });
  });

  it('restores what is undamaged when the rest is not wanted', async () => {
    const tree = new MemoryTree();
    await tree.file('bad', [Buffer.from('lost')]);
    await tree.file('good', [Buffer.from('good')]);
    tree.chunks.lose(tree.chunkId(0));
    const { target } = await restoreMemoryTree(tree, {
      wants: (entry) => entry.path.equals(Buffer.from('good')),
    });
    expect(fs.readdirSync(target)).toEqual(['good']);
  });

  it('removes a file whose content is not what its CRC-32 says, and names it', async () => {
    const target = await newTarget();
    const tree = new MemoryTree();
    await tree.file('wrong', [Buffer.from('right')]);
    tree.chunks.replace(tree.chunkId(0), Buffer.from('wrong'));
    await expect(restoreMemoryTree(tree, { target })).rejects.toMatchObject({
      kind: 'damaged',
      details: { files: ['wrong'] },
    });
    expect(fs.readdirSync(target)).toEqual([]);
  });

  it('checks paged content too', async () => {
    const target = await newTarget();
    const tree = new MemoryTree();
    await tree.pagedFile('database', [Buffer.alloc(4096, 1), Buffer.alloc(4096, 2)]);
    tree.chunks.replace(tree.chunkId(1), Buffer.alloc(4096, 3));
    await expect(restoreMemoryTree(tree, { target })).rejects.toMatchObject({ kind: 'damaged' });
    expect(fs.readdirSync(target)).toEqual([]);
  });
});

describe('restoreTree, asked for less', () => {
  it('writes what is wanted and the folders above it', async () => {
    const tree = new MemoryTree()
      .folder('a', { stat: { mode: 0o700, mtimeNs: 9n } })
      .folder('a/b')
      .folder('a/c');
    await tree.file('a/c/wanted', [Buffer.from('w')]);
    await tree.file('a/c/other', [Buffer.from('o')]);
    const { target } = await restoreMemoryTree(tree, {
      wants: (entry) => entry.path.toString().endsWith('wanted'),
    });
    expect(new Set(fs.readdirSync(target, { recursive: true, encoding: 'utf8' }))).toEqual(
      new Set(['a', 'a/c', 'a/c/wanted']),
    );
    expect(fs.statSync(`${target}/a`, { bigint: true })).toMatchObject({ mtimeNs: 9n });
  });

  it('writes the content under a further name when the first one is not wanted', async () => {
    const tree = new MemoryTree();
    await tree.file('first', [Buffer.from('content')]);
    tree.symlink('link', 'x').hardLink('third', 'first').hardLink('twin', 'link').hardLink('zulu', 'first');
    const wanted = new Set(['third', 'twin', 'zulu']);
    const { target } = await restoreMemoryTree(tree, { wants: (entry) => wanted.has(entry.path.toString()) });
    expect(fs.readdirSync(target).toSorted()).toEqual(['third', 'twin', 'zulu']);
    expect(fs.readFileSync(`${target}/third`, 'utf8')).toBe('content');
    expect(fs.statSync(`${target}/zulu`).ino).toBe(fs.statSync(`${target}/third`).ino);
    expect(fs.readlinkSync(`${target}/twin`)).toBe('x');
  });

  it('writes private files without exact metadata, times and links kept', async () => {
    const owner = { uid: 12_345, gid: 12_345 };
    const tree = new MemoryTree({ stat: { ...owner, mode: 0o777 } }).folder('f', {
      stat: { ...owner, mode: 0 },
    });
    await tree.file('f/plain', [Buffer.from('p')], { stat: { ...owner, mode: 0o4666 } });
    await tree.file('f/program', [Buffer.from('p')], { stat: { ...owner, mode: 0o755 } });
    tree.symlink('link', '/outside', { stat: owner });
    const { target, result } = await restoreMemoryTree(tree, { exactMetadata: false });
    const modeOf = (name: string) => fs.lstatSync(`${target}/${name}`).mode & 0o7777;
    expect([modeOf('.'), modeOf('f'), modeOf('f/plain'), modeOf('f/program')]).toEqual([
      0o700, 0o700, 0o600, 0o700,
    ]);
    expect(fs.lstatSync(`${target}/f/plain`).uid).toBe(process.getuid?.());
    expect(fs.lstatSync(`${target}/link`).uid).toBe(process.getuid?.());
    expect(await compareTree(tree, target, { signal, exactMetadata: false })).toEqual([]);
    expect(result.warnings).toEqual([]);
  });
});

describe('restoreTree, progress and cancelling', () => {
  it('tells how far it is, to the end', async () => {
    const tree = new MemoryTree();
    await tree.file('a', [Buffer.alloc(1000)]);
    const seen: Readonly<{ files: number; bytes: number }>[] = [];
    await restoreMemoryTree(tree, { onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toEqual({ files: 1, bytes: 1000 });
  });

  it('ends as cancelled while chunks do not come', async () => {
    const tree = new MemoryTree();
    await tree.file('a', [Buffer.from('a')]);
    const controller = new AbortController();
    tree.chunks.read = async () => {
      controller.abort();
      return await new Promise<Buffer>(() => {});
    };
    await expect(restoreMemoryTree(tree, { signal: controller.signal })).rejects.toMatchObject({
      kind: 'cancelled',
    });
  });

  it('ends as cancelled when it was cancelled before', async () => {
    await expect(restoreMemoryTree(new MemoryTree(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'cancelled',
    });
  });
});
