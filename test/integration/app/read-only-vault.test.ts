import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedLab } from '../../helpers/command-lab.ts';
import { mountReadOnly } from '../../helpers/read-only-mount.ts';

const shared = sharedLab(async (lab) => void (await lab.json(['backup'])));

/** The largest pack of a vault. */
function largestPack(vault: string): string {
  const files = readdirSync(path.join(vault, 'packs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return files.toSorted((left, right) => readFileSync(right).length - readFileSync(left).length)[0] ?? '';
}

describe('a vault that cannot be written', () => {
  it('is looked into, restored from, exported and checked, and nothing else', async (context) => {
    const lab = await shared().copy();
    mountReadOnly(context, lab.vault);
    const [backup] = (await lab.json(['list'])) as { backupId: string }[];
    const id = backup?.backupId ?? '';
    for (const command of ['show', 'files']) await lab.json([command, id]);
    await lab.json(['diff', id, id]);
    await lab.json(['find', 'e']);
    await lab.json(['restore', id, '--to', path.join(lab.base, 'back')]);
    await lab.json(['export', id, '--component', 'memory', '--output', path.join(lab.base, 'out.zip')]);
    expect(await lab.json(['verify', '--data', 'full'])).toMatchObject({ ok: true });
    expect(await lab.json(['drill'], 3)).toMatchObject({
      ok: true,
      skipped: [{ source: 'the record of this rehearsal', message: expect.stringContaining('read-only') }],
    });
    for (const command of [['backup'], ['pin', id], ['delete', id], ['collect']]) {
      const { code, stderr } = await lab.run(command);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: `${lab.vault} is mounted read-only. Mount it writable and try again.\n`,
      });
    }
  });

  it('has its damage told, though that cannot be noted', async (context) => {
    const lab = await shared().copy();
    const pack = largestPack(lab.vault);
    const bytes = readFileSync(pack);
    rmSync(pack);
    writeFileSync(pack, bytes.fill(0, 0, 1000), { mode: 0o600 });
    mountReadOnly(context, lab.vault);
    const name = path.relative(lab.vault, pack);
    expect(await lab.json(['verify', '--data', 'full'], 6)).toMatchObject({
      ok: false,
      damaged: expect.arrayContaining([expect.objectContaining({ object: name })]),
      notes: [expect.stringContaining('read-only')],
    });
  });
});
