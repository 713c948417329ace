import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { libcProblem, setTimes, setXattr } from '../../../../main/platform/libc.ts';
import { crc32OfZeros } from '../../../../main/vault/listing/crc32-zeros.ts';
import { MemoryChunks } from '../../../fakes/memory-chunks.ts';
import { capture, contentOf } from '../../../helpers/capture.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const isRoot = process.getuid?.() === 0;

describe('captureTree', () => {
  it('keeps content, modes, owners, times and inodes', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    fs.mkdirSync(join(root, 'folder'));
    fs.mkdirSync(join(root, 'folder/empty'), { mode: 0o700 });
    fs.writeFileSync(join(root, 'folder/small'), 'content');
    fs.writeFileSync(join(root, 'empty'), '');
    const large = randomBytes(3_000_000);
    fs.writeFileSync(join(root, 'large'), large);
    fs.chmodSync(join(root, 'folder/small'), 0o4751);
    fs.chmodSync(join(root, 'folder'), 0o3755);
    if (isRoot) {
      fs.lchownSync(join(root, 'empty'), 12_345, 4_000_000_000);
    }
    setTimes(join(root, 'folder/small'), 0n, 1_234_567_890_123_456_789n);
    const captured = await capture(root, chunks);
    const { entries, result } = captured;
    expect([...entries.keys()]).toStrictEqual([
      '',
      'empty',
      'folder',
      'folder/empty',
      'folder/small',
      'large',
    ]);
    for (const [path, entry] of entries) {
      const stat = fs.lstatSync(join(root, path), { bigint: true });
      const size = stat.isDirectory() ? 0 : Number(stat.size);
      expect(entry.stat).toStrictEqual({
        mode: Number(stat.mode & 0o7777n),
        uid: Number(stat.uid),
        gid: Number(stat.gid),
        size,
        mtimeNs: stat.mtimeNs,
        ctimeNs: stat.ctimeNs,
        inode: stat.ino,
      });
    }
    expect(entries.get('folder/small')?.stat.mtimeNs).toBe(1_234_567_890_123_456_789n);
    expect((await contentOf(captured, chunks, 'folder/small')).toString()).toBe('content');
    expect(await contentOf(captured, chunks, 'large')).toStrictEqual(large);
    expect(entries.get('large')).toMatchObject({ kind: 'file', crc32: crc32(large), racy: false });
    expect(result).toMatchObject({ filesRead: 3, bytesRead: 3_000_007, warnings: [], notes: [] });
    expect(result.listing).toMatchObject({ entries: 6, files: 3, bytes: 3_000_007 });
  });

  it('keeps times of 1970, of 2100 and before 1970', async () => {
    const root = await tempFolder();
    const times = { epoch: 0n, past: -1_000_000_001n, future: 4_102_444_800_000_000_007n };
    for (const [name, time] of Object.entries(times)) {
      fs.writeFileSync(join(root, name), name);
      setTimes(join(root, name), time, time);
    }
    const { entries } = await capture(root, new MemoryChunks());
    expect(Object.keys(times).map((name) => entries.get(name)?.stat.mtimeNs)).toStrictEqual(
      Object.values(times),
    );
  });

  it.runIf(isRoot)('reads what has mode 0000', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    fs.mkdirSync(join(root, 'shut'));
    fs.writeFileSync(join(root, 'shut/file'), 'secret');
    fs.chmodSync(join(root, 'shut/file'), 0);
    fs.chmodSync(join(root, 'shut'), 0);
    const captured = await capture(root, chunks);
    expect(captured.entries.get('shut')?.stat.mode).toBe(0);
    expect(captured.entries.get('shut/file')?.stat.mode).toBe(0);
    expect((await contentOf(captured, chunks, 'shut/file')).toString()).toBe('secret');
  });

  it('keeps every name a file can have', async () => {
    const root = await tempFolder();
    const names = [
      Buffer.from('new\nline'),
      Buffer.from(`quotes"'\`$`),
      Buffer.from('back\\slash'),
      Buffer.from('ünï-日本'),
      Buffer.from([0x69, 0xff, 0xfe, 0x80]),
      Buffer.alloc(255, 'n'),
      Buffer.from(' '),
      Buffer.from('-rf'),
      Buffer.from([1]),
    ];
    for (const name of names) {
      fs.writeFileSync(Buffer.concat([Buffer.from(`${root}/`), name]), name);
    }
    const chunks = new MemoryChunks();
    const captured = await capture(root, chunks);
    const sorted = names.toSorted((a, b) => a.compare(b)).map((name) => name.toString('latin1'));
    expect([...captured.entries.keys()].slice(1)).toStrictEqual(sorted);
    const odd = names[4]?.toString('latin1') ?? '';
    expect(await contentOf(captured, chunks, odd)).toStrictEqual(names[4]);
  });

  it('keeps symlinks as they are, dangling and absolute ones too', async () => {
    const root = await tempFolder();
    fs.symlinkSync('nowhere/at/all', join(root, 'dangling'));
    fs.symlinkSync('/etc/passwd', join(root, 'absolute'));
    fs.symlinkSync('.', join(root, 'loop'));
    fs.symlinkSync(Buffer.from([0x2e, 0xff]), join(root, 'raw'));
    const { entries, result } = await capture(root, new MemoryChunks());
    expect(result.listing.entries).toBe(5);
    expect(entries.get('dangling')).toMatchObject({ kind: 'symlink', target: Buffer.from('nowhere/at/all') });
    expect(entries.get('absolute')).toMatchObject({ kind: 'symlink', target: Buffer.from('/etc/passwd') });
    expect(entries.get('loop')).toMatchObject({ kind: 'symlink', target: Buffer.from('.') });
    expect(entries.get('raw')).toMatchObject({ kind: 'symlink', target: Buffer.from([0x2e, 0xff]) });
  });

  it('stores the content of hard links once', async () => {
    const root = await tempFolder();
    fs.mkdirSync(join(root, 'b'));
    fs.writeFileSync(join(root, 'b/first'), 'shared');
    fs.linkSync(join(root, 'b/first'), join(root, 'c'));
    fs.linkSync(join(root, 'b/first'), join(root, 'b-second'));
    const { entries, result } = await capture(root, new MemoryChunks());
    expect(entries.get('b/first')).toMatchObject({ kind: 'file' });
    expect(entries.get('b-second')).toMatchObject({ kind: 'hardlink', linkTo: Buffer.from('b/first') });
    expect(entries.get('c')).toMatchObject({ kind: 'hardlink', linkTo: Buffer.from('b/first') });
    expect(result).toMatchObject({ filesRead: 1, bytesRead: 6 });
    expect(result.listing).toMatchObject({ files: 3, bytes: 6 });
  });

  it('skips FIFOs and sockets with a note, without opening them', async () => {
    const root = await tempFolder();
    execFileSync('mkfifo', [join(root, 'fifo')]);
    const server = createServer().listen(join(root, 'socket'));
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
    });
    const { entries, result } = await capture(root, new MemoryChunks());
    expect([...entries.keys()]).toStrictEqual(['']);
    expect(result.warnings).toStrictEqual([]);
    expect(result.notes.map(({ code, path }) => `${code} ${String(path)}`)).toStrictEqual([
      'special-file fifo',
      'special-file socket',
    ]);
  });

  it.runIf(libcProblem() === undefined)(
    'keeps extended attributes of files, folders and symlinks',
    async () => {
      const root = await tempFolder();
      fs.writeFileSync(join(root, 'file'), 'x');
      fs.mkdirSync(join(root, 'folder'));
      setXattr(join(root, 'file'), Buffer.from('user.b'), Buffer.from([0, 1, 255]));
      setXattr(join(root, 'file'), Buffer.from('user.a'), Buffer.alloc(0));
      setXattr(join(root, 'folder'), Buffer.from('user.c'), Buffer.from('of a folder'));
      const chunks = new MemoryChunks();
      const first = await capture(root, chunks);
      const expected = [
        { name: Buffer.from('user.a'), value: Buffer.alloc(0) },
        { name: Buffer.from('user.b'), value: Buffer.from([0, 1, 255]) },
      ];
      expect(first.entries.get('file')?.xattrs).toStrictEqual(expected);
      expect(first.entries.get('folder')?.xattrs).toStrictEqual([
        { name: Buffer.from('user.c'), value: Buffer.from('of a folder') },
      ]);
      // Taken over with the unopened file, and read anew when one was changed.
      const second = await capture(root, chunks, { previous: first.listing });
      expect(second.entries.get('file')?.xattrs).toStrictEqual(expected);
      setXattr(join(root, 'file'), Buffer.from('user.a'), Buffer.from('new'));
      const third = await capture(root, chunks, { previous: second.listing });
      expect(third.entries.get('file')?.xattrs[0]?.value.toString()).toBe('new');
    },
  );

  it.runIf(libcProblem() === undefined)('keeps the holes of sparse files, one of 5 GiB too', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    const size = 5 * 2 ** 30;
    const fd = fs.openSync(join(root, 'sparse'), 'w');
    fs.ftruncateSync(fd, size);
    fs.writeSync(fd, 'in the middle', 2 ** 32);
    fs.closeSync(fd);
    fs.truncateSync(writeEmpty(join(root, 'hole')), 100_000);
    const captured = await capture(root, chunks);
    const entry = captured.entries.get('sparse');
    expect(entry?.stat.size).toBe(size);
    const extents = entry?.kind === 'file' ? entry.extents : [];
    expect(extents[0]).toMatchObject({ chunk: -1, length: 2 ** 32 });
    expect(extents.at(-1)?.chunk).toBe(-1);
    expect(extents.reduce((sum, extent) => sum + extent.length, 0)).toBe(size);
    expect(captured.entries.get('hole')).toMatchObject({ extents: [{ chunk: -1, length: 100_000 }] });
    // CRC-32 of the whole, zeros included.
    const head = crc32OfZeros(0, 2 ** 32);
    const rest = size - 2 ** 32 - 13;
    expect(entry).toMatchObject({ crc32: crc32OfZeros(crc32('in the middle', head), rest) });
    expect(captured.result.listing.bytes).toBeLessThan(1_000_000);
  });
});

function writeEmpty(file: string): string {
  fs.writeFileSync(file, '');
  return file;
}
