import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TreeLosses } from '../../../../main/vault/restore/tree-losses.ts';
import { TreeWriter } from '../../../../main/vault/restore/tree-writer.ts';
import { newTarget } from '../../../helpers/restore-memory-tree.ts';

const meta = { mode: 0o6755, uid: 12_345, gid: 12_345, mtimeNs: 1_000_000_007n, xattrs: [] };

function refuse(code: string): () => never {
  return () => {
    throw Object.assign(new Error(`${code}: refused`), { code });
  };
}

/** A writer on a new folder, which has a file `first`. */
async function writerWithFile(exact = true) {
  const target = await newTarget();
  const losses = new TreeLosses();
  const writer = new TreeWriter(target, exact, losses);
  writer.folder(0, place(''), { ...meta, mode: 0o700 });
  writer.addChunk({ chunk: 4, bytes: new TextEncoder().encode('content') });
  writer.beginFile({ ...place('first'), meta, size: 7, crc32: crc32('content') });
  writer.data({ chunk: 4, from: 0, length: 7, at: 0 });
  writer.endFile();
  return { target, losses, writer };
}

function place(name: string) {
  return { parent: 0, name: Buffer.from(name) };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('TreeWriter, where the system refuses', () => {
  it('keeps running user as owner, says so once, and lends nobody the rights of a set-id program', async () => {
    vi.spyOn(fs, 'fchownSync').mockImplementation(refuse('EPERM'));
    const { target, losses, writer } = await writerWithFile();
    writer.finishFolder(0);
    expect(fs.statSync(`${target}/first`).mode & 0o7777).toBe(0o755);
    expect(losses.list()).toMatchObject([{ code: 'owner-not-kept' }]);
  });

  it('writes a copy where no hard link can be made, and names it', async () => {
    const { target, losses, writer } = await writerWithFile(false);
    vi.spyOn(fs, 'linkSync').mockImplementation(refuse('EPERM'));
    writer.hardLink(place('second'), Buffer.from('first'));
    const [first, second] = ['first', 'second'].map((name) =>
      fs.statSync(`${target}/${name}`, { bigint: true }),
    );
    expect(fs.readFileSync(`${target}/second`, 'utf8')).toBe('content');
    expect(second).toMatchObject({ mode: first?.mode, mtimeNs: first?.mtimeNs, uid: first?.uid });
    expect(second?.ino).not.toBe(first?.ino);
    expect(losses.list()).toMatchObject([{ code: 'hard-link-copied', path: 'second' }]);
  });

  it('leaves out symlinks where there are none, and names them', async () => {
    const { target, losses, writer } = await writerWithFile();
    vi.spyOn(fs, 'symlinkSync').mockImplementation(refuse('EPERM'));
    for (let number = 0; number < 12; number += 1) {
      writer.symlink(place(`link-${String(number)}`), Buffer.from('x'), meta);
    }
    expect(fs.readdirSync(target)).toEqual(['first']);
    expect(losses.list()).toHaveLength(11);
    expect(losses.list().at(-1)).toMatchObject({
      code: 'symlink-not-kept',
      message: 'The same holds for 2 more.',
    });
  });

  it('says which file could not be written on a full disk, and what to do', async () => {
    const { writer } = await writerWithFile();
    vi.spyOn(fs, 'writeSync').mockImplementation(refuse('ENOSPC'));
    writer.beginFile({ ...place('next'), meta, size: 7, crc32: 0 });
    expect(() => writer.data({ chunk: 4, from: 0, length: 7, at: 0 })).toThrow(/"next".*Free space/u);
  });
});
