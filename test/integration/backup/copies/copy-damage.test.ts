import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { healVault, needsHealing } from '../../../../main/backup/copies/heal-vault.ts';
import { DamageList } from '../../../../main/vault/upkeep/damage-list.ts';
import { CopyLab, flipIn } from '../../../helpers/copy-lab.ts';
import { quietly } from '../../../helpers/tiny-install.ts';

/** A vault with two backups, of which the copy has both when `copied` is 2. */
async function labWith(copied: 1 | 2): Promise<Readonly<{ lab: CopyLab; first: string; second: string }>> {
  const lab = await CopyLab.make();
  const first = await lab.backUp();
  if (copied === 1) await lab.copy();
  lab.change('changed for the second backup');
  const second = await lab.backUp();
  if (copied === 2) await lab.copy();
  return { lab, first, second };
}

function packsIn(folder: string): readonly string[] {
  return readdirSync(path.join(folder, 'packs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes('/'))
    .map((name) => path.join('packs', name));
}

describe('damage at the source', () => {
  it('does not spread, is noted, and keeps no other backup from being copied', async () => {
    const { lab, first, second } = await labWith(1);
    const before = new Set(packsIn(lab.copyFolder));
    const fresh = packsIn(lab.tiny.vaultFolder).filter((name) => !before.has(name));
    expect(fresh.length).toBeGreaterThan(1);
    for (const name of fresh) flipIn(lab.tiny.vaultFolder, name);
    const outcome = await lab.copy();
    expect(outcome).toMatchObject({ copied: [], settled: [first] });
    expect(outcome.problems).toEqual([expect.stringContaining(second)]);
    expect(await lab.listed()).toEqual([first]);
    expect(await lab.verify()).toMatchObject({ ok: true });
    const list = await DamageList.load(lab.source.storage, lab.source.objectKeys);
    expect(list.isEmpty).toBe(false);
    // What the install still has is stored anew by the next backup, which is copied whole.
    const third = await lab.backUp();
    expect((await lab.copy()).copied).toContain(third);
    expect(await lab.restored(third)).toEqual(await lab.restored(third, lab.tiny.vaultFolder));
  });

  it('in one piece of a pack leaves the others of that pack to the copy', async () => {
    const { lab, second } = await labWith(1);
    const before = new Set(packsIn(lab.copyFolder));
    for (const name of packsIn(lab.tiny.vaultFolder).filter((each) => !before.has(each))) {
      flipIn(lab.tiny.vaultFolder, name, 'padding');
    }
    expect(await lab.copy()).toMatchObject({ copied: [second], problems: [] });
    expect(await lab.verify()).toMatchObject({ ok: true });
    expect(await lab.restored(second)).toEqual(await lab.restored(second, lab.tiny.vaultFolder));
  });

  it('heals from a copy: changed and lost packs, and lost manifests', async () => {
    for (const what of ['changed', 'gone'] as const) {
      const { lab, first, second } = await labWith(2);
      const expected = await lab.restored(second);
      for (const name of packsIn(lab.tiny.vaultFolder)) {
        if (what === 'changed') flipIn(lab.tiny.vaultFolder, name);
        else rmSync(path.join(lab.tiny.vaultFolder, name));
      }
      rmSync(path.join(lab.tiny.vaultFolder, 'backups', first));
      flipIn(lab.tiny.vaultFolder, `backups/${second}`);
      expect((await lab.verify(lab.tiny.vaultFolder)).ok).toBe(false);
      const vault = await lab.reopen(lab.tiny.vaultFolder);
      expect(await needsHealing(vault)).toBe(true);
      const healed = await healVault({ vault, copy: await lab.openCopy() }, quietly);
      expect(healed).toMatchObject({ stillLost: 0 });
      expect([...healed.backups].toSorted()).toEqual([first, second].toSorted());
      expect(await lab.verify(lab.tiny.vaultFolder)).toMatchObject({ ok: true, damaged: [] });
      expect(await needsHealing(await lab.reopen(lab.tiny.vaultFolder))).toBe(false);
      expect(await lab.restored(second, lab.tiny.vaultFolder)).toEqual(expected);
    }
  });
});

describe('damage at the copy', () => {
  it('is mended by sending again what is changed or gone', async () => {
    for (const what of ['changed', 'gone'] as const) {
      const { lab, first, second } = await labWith(2);
      for (const name of packsIn(lab.copyFolder)) {
        if (what === 'changed') flipIn(lab.copyFolder, name);
        else rmSync(path.join(lab.copyFolder, name));
      }
      flipIn(lab.copyFolder, `backups/${first}`);
      // What is gone is found by the run itself; what is changed, by a verify before.
      if (what === 'changed') expect((await lab.verify()).ok).toBe(false);
      expect(await lab.copy()).toMatchObject({ copied: [first], problems: [] });
      expect(await lab.verify()).toMatchObject({ ok: true, damaged: [] });
      expect(await lab.listed()).toEqual([second, first]);
    }
  });

  it('of its index, header and keys is put right by the next run', async () => {
    const { lab } = await labWith(2);
    for (const name of readdirSync(path.join(lab.copyFolder, 'index')))
      flipIn(lab.copyFolder, `index/${name}`);
    for (const name of ['vault.json', 'keys/00000001-copy']) flipIn(lab.copyFolder, name);
    expect((await lab.verify()).ok).toBe(false);
    lab.change('so that an index is written');
    await lab.backUp();
    expect(await lab.copy()).toMatchObject({ problems: [] });
    expect(await lab.verify()).toMatchObject({ ok: true, damaged: [] });
  });
});
