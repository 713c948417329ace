import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { CrashLab } from '../crash/crash-lab.ts';

const timeout = 600_000;

function catalogFiles({ home }: CrashLab): readonly string[] {
  return readdirSync(home)
    .filter((name) => name.startsWith('catalog'))
    .map((name) => path.join(home, name));
}

describe('a home that lost what it remembers', { timeout }, () => {
  it.each(['gone', 'nonsense', 'cut off'])('goes on with a catalog that is %s', async (what) => {
    const lab = new CrashLab(await tempFolder());
    await lab.setUp();
    const backupId = await lab.backUp();
    const before = lab.liveDigest();
    expect(catalogFiles(lab)).not.toEqual([]);
    for (const file of catalogFiles(lab)) {
      if (what === 'gone') rmSync(file);
      else writeFileSync(file, what === 'nonsense' ? 'no catalog at all'.repeat(1000) : '');
    }
    expect(await lab.listed()).toEqual([backupId]);
    lab.change();
    const newer = await lab.backUp();
    await lab.succeed(['restore', backupId, '--confirm']);
    expect(lab.liveDigest()).toBe(before);
    const [safety, ...others] = await lab.listed();
    expect(others).toEqual([newer, backupId]);
    expect(safety).toMatch(/^[0-9a-f]{12}$/u);
    expect((await lab.inspect()).damaged).toEqual([]);
  });
});
