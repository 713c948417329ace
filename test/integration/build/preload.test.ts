import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundlePreload } from '../../../build/bundle.ts';
import { preloadEntry } from '../../../build/entries.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

describe('the preload', () => {
  it('is one small file that loads nothing but Electron', async () => {
    const folder = await tempFolder();
    await bundlePreload(preloadEntry, folder);
    const text = readFileSync(path.join(folder, 'preload.cjs'), 'utf8');
    expect(text.length).toBeLessThan(1000);
    expect([...text.matchAll(/require\([^)]*\)|import[ (][^;]*/gu)].map(([found]) => found)).toEqual([
      'require("electron")',
    ]);
  });
});
