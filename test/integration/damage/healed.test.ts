import { rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import { collectGarbage } from '../../../main/backup/collect-service.ts';
import { deleteBackup } from '../../../main/backup/keep-backups.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import type { RestoreRequest, ServiceContext } from '../../../main/backup/services.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import {
  damageLab,
  flip,
  mend,
  objectBytes,
  objectFile,
  objectNames,
  reopened,
  toFolder,
  verify,
  writtenTree,
} from './damage-lab.ts';
import type { TreeSnapshot } from '../../helpers/tree-snapshot.ts';
import type { DamageLab } from './damage-lab.ts';

const timeout = 600_000;

async function backUp(lab: DamageLab): Promise<string> {
  return (await createBackup(await reopened(lab), { trigger: 'manual' }, quietly)).backupId;
}

/** The backup restores to what `expected`, another one of the same state, held. */
async function expectRight(lab: DamageLab, backupId: string, expected = backupId): Promise<void> {
  expect(await restored(lab, backupId, {})).toEqual(lab.expected.get(expected));
}

async function restored(
  lab: DamageLab,
  backupId: string,
  more: Partial<RestoreRequest>,
): Promise<TreeSnapshot> {
  const folder = path.join(lab.tiny.base, 'out');
  rmSync(folder, { recursive: true, force: true });
  await restoreBackup(await reopened(lab), toFolder(backupId, folder, more), quietly);
  return writtenTree(folder);
}

/** The same of the volumes of an agent that has not changed since the first backup. */
async function expectUnchangedRight(lab: DamageLab, backupId: string): Promise<void> {
  const whole = Object.entries(lab.expected.get(backupId) ?? {});
  const ofAgent = whole.filter(([name]) => /^memory\/agent-(?:scout|research)-/u.test(name));
  expect(ofAgent.length).toBeGreaterThan(10);
  const agents = { only: ['memory'], agents: ['research'] };
  expect(await restored(lab, backupId, agents)).toEqual(Object.fromEntries(ofAgent));
}

function namesOf(lab: DamageLab, type: string): readonly string[] {
  return objectNames(lab).filter((name) => name.startsWith(type));
}

async function neededDamage(context: ServiceContext): Promise<readonly string[]> {
  const { damaged } = await verify(context);
  return [...new Set(damaged.flatMap(({ backups }) => backups))];
}

/** Every pack, with a byte changed where its chunks lie, and gone. */
function packDamages(lab: DamageLab): readonly Readonly<{ what: string; apply: () => void }>[] {
  return namesOf(lab, 'packs/').flatMap((name) => [
    { what: `${name} changed`, apply: () => flip(lab, name, Math.floor(objectBytes(lab, name).length / 20)) },
    { what: `${name} gone`, apply: () => rmSync(objectFile(lab, name)) },
  ]);
}

describe('the backup after damage was found', { timeout }, () => {
  it('heals what its source still has; once the damaged packs are collected, verify is content', async () => {
    const lab = await damageLab({ settled: true });
    const [, second] = lab.backupIds;
    const seen = { healed: 0, content: 0 };
    for (const { what, apply } of packDamages(lab)) {
      mend(lab);
      apply();
      const { damaged } = await verify(await reopened(lab));
      const newest = await backUp(lab);
      const after = await neededDamage(await reopened(lab));
      if (damaged.some(({ backups }) => backups.includes(second))) {
        await expectRight(lab, newest, second);
        // A listing that was lost is made anew from all files, and need not be the same bytes as the old one.
        if (!damaged.some(({ object }) => object.startsWith('listing ')))
          await expectUnchangedRight(lab, second);
        seen.healed += 1;
      }
      if (after.length > 0) continue;
      await collectGarbage(await reopened(lab), quietly);
      await collectGarbage(await reopened(lab), quietly);
      expect([what, (await verify(await reopened(lab))).damaged]).toEqual([what, []]);
      seen.content += 1;
    }
    expect(seen.healed).toBeGreaterThan(1);
    expect(seen.content).toBeGreaterThan(3);
  });

  it('writes the index anew from the packs, when it is gone or damaged', async () => {
    const lab = await damageLab();
    const [first, second] = lab.backupIds;
    for (const what of ['gone', 'damaged']) {
      mend(lab);
      for (const name of namesOf(lab, 'index/')) {
        if (what === 'gone') rmSync(objectFile(lab, name));
        else flip(lab, name, 50);
      }
      await expectRight(lab, first);
      await expectRight(lab, second);
      expect((await verify(await reopened(lab))).ok).toBe(false);
      await backUp(lab);
      expect(await verify(await reopened(lab))).toMatchObject({ ok: true, damaged: [] });
    }
  });

  it('is kept from nothing by a damaged manifest; who deletes that backup hears no more of it', async () => {
    const lab = await damageLab();
    const [first, second] = lab.backupIds;
    for (const what of ['gone', 'damaged']) {
      mend(lab);
      if (what === 'gone') rmSync(objectFile(lab, `backups/${first}`));
      else flip(lab, `backups/${first}`, 100);
      expect(await neededDamage(await reopened(lab))).toEqual([first]);
      await expectRight(lab, await backUp(lab), second);
      await deleteBackup(await reopened(lab), first, quietly);
      // A damaged one lies in the trash until its deadline.
      if (what === 'gone') expect((await verify(await reopened(lab))).damaged).toEqual([]);
      else expect((await verify(await reopened(lab))).damaged).toMatchObject([{ object: `trash/${first}` }]);
    }
  });

  it('repairs the copies of header and keys', async () => {
    const lab = await damageLab();
    for (const name of ['vault.json', 'vault-copy.json', 'keys/00000001', 'keys/00000001-copy']) {
      mend(lab);
      flip(lab, name, 60);
      expect((await verify(await reopened(lab))).damaged).toMatchObject([{ object: name }]);
      await backUp(lab);
      expect((await verify(await reopened(lab))).damaged).toEqual([]);
      mend(lab);
      expect(objectBytes(lab, name)).not.toEqual(Buffer.alloc(0));
    }
  });
});
