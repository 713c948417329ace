import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { removeFolder, tempFolder } from '../../helpers/temp-folder.ts';

describe('tempFolder', () => {
  let last = '';

  it('gives an empty folder to this test alone', async () => {
    last = await tempFolder();
    expect((await stat(last)).isDirectory()).toBe(true);
    expect(await tempFolder()).not.toBe(last);
    await mkdir(join(last, 'closed'));
    await writeFile(Buffer.concat([Buffer.from(`${last}/closed/`), Buffer.from([0xff, 0x0a])]), 'x');
    await chmod(join(last, 'closed'), 0);
  });

  it('has removed it when the next test starts, closed folders and odd names included', async () => {
    await expect(stat(last)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('removeFolder', () => {
  it('does nothing, when the folder is gone', async () => {
    const folder = await tempFolder();
    await removeFolder(folder);
    await expect(removeFolder(folder)).resolves.toBeUndefined();
  });
});
