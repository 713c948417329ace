import { open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isStillAt } from '../../../main/platform/named-file.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

describe('isStillAt', () => {
  it('tells whether the name leads to the open file, to another or to none', async () => {
    const file = join(await tempFolder(), 'file');
    await using handle = await open(file, 'w');
    expect(await isStillAt(handle, file)).toBe(true);
    await writeFile(`${file}-other`, '');
    await rename(`${file}-other`, file);
    expect(await isStillAt(handle, file)).toBe(false);
    await rm(file);
    expect(await isStillAt(handle, file)).toBe(false);
  });
});
