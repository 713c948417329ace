import { readdirSync, rmSync } from 'node:fs';
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

  it('writes again what a new holder of the writer lock swept away meanwhile', async () => {
    const { folder, writer } = await newWriter(allowsUnnamed);
    let sweeps = 0;
    // The writer asks its signal just before it gives the file its name: the place to come in between.
    const signal = Object.assign(new AbortController().signal, {
      throwIfAborted: () => {
        sweeps += 1;
        if (sweeps > 2) return;
        for (const name of readdirSync(join(folder, 'tmp'))) rmSync(join(folder, 'tmp', name));
      },
    });
    const write = { name: 'locks/a', parts: [Buffer.from('x')], replace: false, abandoned: signal };
    expect(await writer.write(write)).toBe(true);
    expect(await readFile(join(folder, 'locks/a'), 'utf8')).toBe('x');
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
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
