import { existsSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { restoreBackup } from '../../../main/backup/restore-service.ts';
import type { ServiceContext } from '../../../main/backup/services.ts';
import { sourceText } from '../../../shared/model/component.ts';
import { inPlace } from '../../helpers/tiny-backup.ts';
import { liveState, quietly } from '../../helpers/tiny-install.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import type { TreeSnapshot } from '../../helpers/tree-snapshot.ts';
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
import type { DamageLab } from './damage-lab.ts';

const timeout = 240_000;

/** Every pack that is damaged in some way, one after the other; the whole vault with it. */
async function forEachDamage(
  lab: DamageLab,
  use: (context: ServiceContext, what: string) => Promise<void>,
): Promise<void> {
  const packs = objectNames(lab).filter((name) => name.startsWith('packs/'));
  for (const [index, name] of packs.entries()) {
    const { length } = objectBytes(lab, name);
    const damages: Readonly<Record<string, () => void>> = {
      'flipped in front': () => flip(lab, name, 40),
      'flipped inside': () => flip(lab, name, Math.floor((length * (index + 1)) / (packs.length + 1))),
      'cut off': () => truncateSync(objectFile(lab, name), Math.floor(length / 2)),
      gone: () => rmSync(objectFile(lab, name)),
    };
    for (const [what, apply] of Object.entries(damages)) {
      mend(lab);
      apply();
      await use(await reopened(lab), `${name} ${what}`);
    }
  }
}

/** What of a whole restore lies below the folder of one source. */
function partOf(whole: TreeSnapshot, source: string): TreeSnapshot {
  const entries = Object.entries(whole).filter(([name]) => name === source || name.startsWith(`${source}/`));
  return Object.fromEntries(entries);
}

type OneSource = Readonly<{ backupId: string; source: string; volume: string; component: string }>;

async function sourcesOf(context: ServiceContext, backupId: string): Promise<readonly OneSource[]> {
  const { manifest } = await context.vault.loadManifest(backupId);
  return manifest.sources.map(({ component, volume }) => ({
    backupId,
    source: sourceText({ component, volume }),
    volume,
    component,
  }));
}

/** Restores one source alone: true when that wrote all of it, false when it was refused as damaged and wrote nothing. */
async function restoresRight(lab: DamageLab, context: ServiceContext, one: OneSource): Promise<boolean> {
  const folder = path.join(lab.tiny.base, 'out');
  rmSync(folder, { recursive: true, force: true });
  const narrowed =
    one.volume === '' ? { only: [one.component] } : { only: [one.component], paths: [one.source] };
  const error = await rejectionOf(restoreBackup(context, toFolder(one.backupId, folder, narrowed), quietly));
  if (error !== undefined) {
    expect(error).toMatchObject({ name: 'AppError', kind: 'damaged' });
    expect(existsSync(folder)).toBe(false);
    return false;
  }
  expect(partOf(writtenTree(folder), one.source)).toEqual(
    partOf(lab.expected.get(one.backupId) ?? {}, one.source),
  );
  return true;
}

describe('a restore from a damaged vault', { timeout }, () => {
  it('writes what was backed up, or says that it is damaged and writes nothing', async () => {
    const lab = await damageLab();
    const seen = { right: 0, refused: 0 };
    const folder = path.join(lab.tiny.base, 'out');
    await forEachDamage(lab, async (context, what) => {
      rmSync(folder, { recursive: true, force: true });
      const [, backupId] = lab.backupIds;
      const error = await rejectionOf(restoreBackup(context, toFolder(backupId, folder), quietly));
      if (error === undefined)
        expect([what, writtenTree(folder)]).toEqual([what, lab.expected.get(backupId)]);
      else expect({ what, error }).toMatchObject({ what, error: { name: 'AppError', kind: 'damaged' } });
      expect([what, existsSync(folder)]).toEqual([what, error === undefined]);
      seen[error === undefined ? 'right' : 'refused'] += 1;
    });
    expect(seen.right).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(0);
  });

  it('brings back every part that verify does not name', async () => {
    const lab = await damageLab();
    const seen = { right: 0, refused: 0 };
    const packs = objectNames(lab).filter((name) => name.startsWith('packs/'));
    const sizes = packs.map((name) => [objectBytes(lab, name).length, name] as const);
    const [, largest = ''] = sizes.toSorted(([one], [other]) => other - one)[0] ?? [];
    for (const place of [40, 0.2, 0.5, 0.7]) {
      mend(lab);
      flip(lab, largest, place < 1 ? Math.floor(objectBytes(lab, largest).length * place) : place);
      const context = await reopened(lab);
      const { damaged } = await verify(context);
      const named = new Set(
        damaged.flatMap(({ backups, sources }) =>
          backups.flatMap((id) => sources.map((source) => `${id} ${source}`)),
        ),
      );
      for (const one of (
        await Promise.all(lab.backupIds.map(async (id) => await sourcesOf(context, id)))
      ).flat()) {
        const isRight = await restoresRight(lab, context, one);
        if (!named.has(`${one.backupId} ${one.source}`))
          expect([`${one.source} of ${one.backupId}`, isRight]).toEqual([
            `${one.source} of ${one.backupId}`,
            true,
          ]);
        seen[isRight ? 'right' : 'refused'] += 1;
      }
    }
    expect(seen.right).toBeGreaterThan(8);
    expect(seen.refused).toBeGreaterThan(0);
  });

  it('leaves what is live as it was, in place', async () => {
    const lab = await damageLab();
    const { tiny } = lab;
    const before = liveState(tiny);
    const seen = { refused: 0 };
    await forEachDamage(lab, async (context, what) => {
      if (!what.endsWith('gone') && !what.endsWith('front')) return;
      const error = await rejectionOf(
        restoreBackup(context, inPlace(lab.backupIds[1], { only: ['memory'] }), quietly),
      );
      if (error === undefined) return;
      expect({ what, error }).toMatchObject({ what, error: { name: 'AppError', kind: 'damaged' } });
      expect([what, liveState(tiny)]).toEqual([what, before]);
      expect([what, readdirSync(path.join(tiny.home, 'journals'))]).toEqual([what, []]);
      seen.refused += 1;
    });
    expect(seen.refused).toBeGreaterThan(0);
  });
});
