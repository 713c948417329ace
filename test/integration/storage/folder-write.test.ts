import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderRoot } from '../../../main/storage/folder/folder-root.ts';
import {
  FolderWriter,
  publishByClaim,
  publishNew,
  publishWithoutLinks,
} from '../../../main/storage/folder/folder-write.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const abandoned = new AbortController().signal;

async function newWriter(
  allowsUnnamed: boolean,
): Promise<Readonly<{ folder: string; writer: FolderWriter }>> {
  const folder = await tempFolder();
  return { folder, writer: new FolderWriter(await FolderRoot.open(folder), { allowsUnnamed }) };
}

describe.each([true, false])('FolderWriter, where files without a name are possible: %s', (allowsUnnamed) => {
  it('writes and replaces, and leaves no temporary file', async () => {
    const { folder, writer } = await newWriter(allowsUnnamed);
    const write = { name: 'a/b', abandoned };
    expect(await writer.write({ ...write, parts: [Buffer.from('1')], replace: false })).toBe(true);
    expect(await writer.write({ ...write, parts: [Buffer.from('2')], replace: false })).toBe(false);
    expect(await readFile(join(folder, 'a/b'), 'utf8')).toBe('1');
    expect(await writer.write({ ...write, parts: [Buffer.from('3')], replace: true })).toBe(true);
    expect(await readFile(join(folder, 'a/b'), 'utf8')).toBe('3');
    expect(await writer.now()).toBeGreaterThan(0);
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  it('lets nothing appear that nobody waits for', async () => {
    const { folder, writer } = await newWriter(allowsUnnamed);
    const write = { name: 'a', parts: [Buffer.from('1')], replace: true, abandoned: AbortSignal.abort() };
    await expect(writer.write(write)).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['tmp']);
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  it('writes again what another holder of the lock swept away, while sweeps go on', async () => {
    const { folder, writer } = await newWriter(allowsUnnamed);
    const sweeper = new FolderWriter(await FolderRoot.open(folder));
    const written = new AbortController();
    const sweeping = (async () => {
      while (!written.signal.aborted) {
        await sweeper.sweep(abandoned);
        // One sweep for several writes: a write tries again only so often.
        await writer.now().catch(() => undefined);
      }
    })();
    const outcomes = [];
    for (let at = 0; at < 30; at += 1) {
      const write = { name: `locks/${String(at)}`, parts: [Buffer.from('x')], replace: true, abandoned };
      outcomes.push(await writer.write(write).catch((error: unknown) => error));
    }
    written.abort();
    await sweeping;
    expect(outcomes.filter((outcome) => outcome === true).length).toBeGreaterThan(0);
    const kept = await readdir(join(folder, 'locks'));
    expect(kept).toHaveLength(outcomes.filter((outcome) => outcome === true).length);
  });

  it('sweeps every leftover', async () => {
    const { folder, writer } = await newWriter(allowsUnnamed);
    await mkdir(join(folder, 'tmp'));
    for (const name of ['a', 'b', 'c']) await writeFile(join(folder, 'tmp', name), 'left');
    expect(await writer.sweep(abandoned)).toBe(3);
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });
});

describe.each([
  ['publishNew', publishNew],
  ['publishWithoutLinks', publishWithoutLinks],
  ['publishByClaim', publishByClaim],
] as const)('%s', (_name, publish) => {
  it('gives a file its name, unless that is taken', async () => {
    const folder = await tempFolder();
    const [first, second, target] = ['first', 'second', 'target'].map((name) => join(folder, name));
    if (first === undefined || second === undefined || target === undefined) throw new Error('three paths');
    await writeFile(first, '1');
    await writeFile(second, '2');
    expect(await publish(first, target)).toBe(true);
    expect(await publish(second, target)).toBe(false);
    expect(await readFile(target, 'utf8')).toBe('1');
    expect((await readdir(folder)).toSorted()).toEqual(['second', 'target']);
  });

  it('fails when the file was swept away, and takes no name', async () => {
    const folder = await tempFolder();
    await expect(publish(join(folder, 'gone'), join(folder, 'target'))).rejects.toMatchObject({
      code: 'ENOENT',
    });
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  });
});
