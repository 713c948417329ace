import { readFile } from 'node:fs/promises';
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { setXattr } from '../../../../main/platform/libc.ts';
import { compareTree } from '../../../../main/vault/restore/compare-tree.ts';
import { MemoryTree } from '../../../fakes/memory-listing.ts';
import { restoreMemoryTree } from '../../../helpers/restore-memory-tree.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const isRoot = process.getuid?.() === 0;
const signal = new AbortController().signal;

describe('restoreTree', () => {
  it('writes folders, files, links, empty folders and metadata as they were', async () => {
    const tree = new MemoryTree({ stat: { mode: 0o751, mtimeNs: 5_000_000_007n } });
    tree.folder('a', { stat: { mode: 0o2770, mtimeNs: 1n } }).folder('a/empty');
    await tree.file('a/nothing');
    await tree.file('a/text', [Buffer.from('hello '), Buffer.from('world')], { stat: { mode: 0o4755 } });
    tree.hardLink('a/twin', 'a/text').symlink('absolute', '/etc/passwd').symlink('dangling', 'no/such');
    const { target, result } = await restoreMemoryTree(tree);
    expect(await compareTree(tree, target, { signal })).toEqual([]);
    expect(await readFile(`${target}/a/twin`, 'utf8')).toBe('hello world');
    expect(result).toMatchObject({ files: 5, bytes: 11, warnings: [], notes: [] });
  });

  it('keeps times of 1970, before it and of 2100 to the ns', async () => {
    const tree = new MemoryTree();
    await tree.file('epoch', [], { stat: { mtimeNs: 0n } });
    await tree.file('before', [], { stat: { mtimeNs: -1_500_000_001n } });
    tree.symlink('late', 'x', { stat: { mtimeNs: 4_102_444_800_123_456_789n } });
    const { target } = await restoreMemoryTree(tree);
    const times = ['epoch', 'before', 'late'].map(
      (name) => fs.lstatSync(`${target}/${name}`, { bigint: true }).mtimeNs,
    );
    expect(times).toEqual([0n, -1_500_000_001n, 4_102_444_800_123_456_789n]);
  });

  it('keeps every kind of name, also what is no UTF-8', async () => {
    const names = [
      Buffer.from('new\nline'),
      Buffer.from(`"quotes" 'single' \\back`),
      Buffer.from('üñí 文'),
      Buffer.from([0x66, 0xff, 0xfe, 0x80]),
      Buffer.alloc(255, 'n'),
    ].toSorted((left, right) => left.compare(right));
    const tree = new MemoryTree();
    for (const name of names) {
      await tree.file(name, [name]);
    }
    tree.symlink('z', Buffer.from([0xff, 0x41]));
    const { target } = await restoreMemoryTree(tree);
    expect(await compareTree(tree, target, { signal })).toEqual([]);
    const found = fs
      .readdirSync(target, { encoding: 'buffer' })
      .toSorted((left, right) => left.compare(right));
    expect(found).toEqual([...names, Buffer.from('z')].toSorted((left, right) => left.compare(right)));
  });

  it('keeps modes of 0000, also of folders with content', async () => {
    const tree = new MemoryTree().folder('closed', { stat: { mode: 0 } });
    await tree.file('closed/secret', [Buffer.from('s')], { stat: { mode: 0 } });
    const { target } = await restoreMemoryTree(tree);
    expect(fs.lstatSync(`${target}/closed`).mode & 0o7777).toBe(0);
    if (isRoot) {
      expect(await compareTree(tree, target, { signal })).toEqual([]);
    }
  });

  it.runIf(isRoot)('sets owners, and set-id bits after them', async () => {
    const owner = { uid: 4321, gid: 8765 };
    const tree = new MemoryTree({ stat: owner }).folder('f', { stat: { ...owner, mode: 0o3755 } });
    await tree.file('f/x', [Buffer.from('x')], { stat: { ...owner, mode: 0o6755 } });
    tree.symlink('s', 'f/x', { stat: owner });
    const { target } = await restoreMemoryTree(tree);
    expect(await compareTree(tree, target, { signal })).toEqual([]);
  });

  it('keeps extended attributes of files and folders', async () => {
    const xattrs = [{ name: Buffer.from('user.key'), value: Buffer.from([0, 255, 10]) }];
    const probe = await tempFolder();
    try {
      setXattr(probe, Buffer.from('user.key'), Buffer.from('v'));
    } catch {
      return; // This file system has none.
    }
    const tree = new MemoryTree({ xattrs });
    await tree.file('f', [Buffer.from('f')], { xattrs, stat: { mode: 0o400 } });
    const { target } = await restoreMemoryTree(tree);
    expect(await compareTree(tree, target, { signal })).toEqual([]);
  });

  it('warns by name of an attribute that the file system refuses, and writes the file', async () => {
    const tree = new MemoryTree();
    await tree.file('f', [Buffer.from('f')], {
      xattrs: [{ name: Buffer.from('nonsense.x'), value: Buffer.from('v') }],
    });
    const { target, result } = await restoreMemoryTree(tree);
    expect(result.warnings).toMatchObject([{ code: 'xattr-not-kept', path: 'f' }]);
    expect(await readFile(`${target}/f`, 'utf8')).toBe('f');
  });

  it('leaves holes of a 5 GiB sparse file as holes', async () => {
    const tree = new MemoryTree();
    const size = 5 * 1024 ** 3;
    const head = await tree.chunk(Buffer.from('head'));
    const middle = 3 * 1024 ** 3;
    const extents = [
      { chunk: head, offset: 0, length: 4 },
      { chunk: -1, offset: 0, length: middle },
      { chunk: head, offset: 0, length: 4 },
      { chunk: -1, offset: 0, length: size - middle - 8 },
    ];
    // Reckoned by Python's zlib over all 5 GiB.
    tree.all.push(tree.fileOf('sparse', extents, 0xec7479aa));
    const { target } = await restoreMemoryTree(tree);
    const { size: written, blocks } = fs.statSync(`${target}/sparse`);
    expect(written).toBe(size);
    expect(blocks * 512).toBeLessThan(1_048_576);
    const handle = fs.openSync(`${target}/sparse`, 'r');
    const piece = Buffer.alloc(6);
    fs.readSync(handle, piece, 0, 6, 4 + middle - 1);
    fs.closeSync(handle);
    expect(piece.toString('latin1')).toBe('\0head\0');
    expect(await compareTree(tree, target, { signal })).toEqual([]);
  });

  it('hard-links a symlink to itself, not to where it leads', async () => {
    const tree = new MemoryTree().symlink('first', '/etc/passwd').hardLink('second', 'first');
    const { target } = await restoreMemoryTree(tree);
    expect(fs.lstatSync(`${target}/second`).isSymbolicLink()).toBe(true);
    expect(fs.lstatSync(`${target}/second`).ino).toBe(fs.lstatSync(`${target}/first`).ino);
  });
});
