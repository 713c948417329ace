import { randomBytes } from 'node:crypto';
import {
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { link, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import type { RestoreOutcome, RestoreRequest, ServiceContext } from '../../../main/backup/services.ts';
import { sourceText } from '../../../shared/model/component.ts';
import { backedUp, echoVolume, inPlace } from '../../helpers/tiny-backup.ts';
import { liveState, quietly, volumeData } from '../../helpers/tiny-install.ts';
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

const timeout = 600_000;

function packFiles(vaultFolder: string): readonly string[] {
  return readdirSync(vaultFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^packs\/..\/./u.test(name))
    .map((name) => path.join(vaultFolder, name));
}

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

type Taken = 'whole' | 'part' | 'refused';

/** Restores to a folder: nothing wrong is ever there, all that is not there is named, and what was refused has written nothing. */
async function takenOut(
  context: ServiceContext,
  request: RestoreRequest,
  expected: TreeSnapshot,
): Promise<Taken> {
  if (request.destination.way !== 'to') throw new Error('Only a folder can be compared.');
  const { folder } = request.destination;
  rmSync(folder, { recursive: true, force: true });
  let outcome: RestoreOutcome;
  try {
    outcome = await restoreBackup(context, request, quietly);
  } catch (error) {
    expect(error).toMatchObject({ name: 'AppError', kind: 'damaged' });
    expect(existsSync(folder)).toBe(false);
    return 'refused';
  }
  const leftOut = outcome.warnings
    .filter(({ code }) => code === 'damaged')
    .map(({ component = '', volume = '', path: file }) =>
      [component, volume, file ?? ''].filter((part) => part !== '').join('/'),
    );
  const isNamed = (name: string): boolean =>
    leftOut.some((each) => name === each || name.startsWith(`${each}/`));
  expect(writtenTree(folder)).toEqual(
    Object.fromEntries(Object.entries(expected).filter(([name]) => !isNamed(name))),
  );
  return leftOut.length === 0 ? 'whole' : 'part';
}

/** Restores one source alone: true when that wrote all of it. */
async function restoresRight(lab: DamageLab, context: ServiceContext, one: OneSource): Promise<boolean> {
  const folder = path.join(lab.tiny.base, 'out');
  const narrowed =
    one.volume === '' ? { only: [one.component] } : { only: [one.component], paths: [one.source] };
  const expected = partOf(lab.expected.get(one.backupId) ?? {}, one.source);
  return (await takenOut(context, toFolder(one.backupId, folder, narrowed), expected)) === 'whole';
}

describe('a restore from a damaged vault', { timeout }, () => {
  it('writes what was backed up to a folder, and leaves out by name what is damaged', async () => {
    const lab = await damageLab();
    const seen: Record<Taken, number> = { whole: 0, part: 0, refused: 0 };
    const folder = path.join(lab.tiny.base, 'out');
    const [, backupId] = lab.backupIds;
    await forEachDamage(lab, async (context) => {
      seen[await takenOut(context, toFolder(backupId, folder), lab.expected.get(backupId) ?? {})] += 1;
    });
    expect(seen.whole).toBeGreaterThan(0);
    expect(seen.part).toBeGreaterThan(0);
  });

  it('leaves out one file and its further names, and gives all others of the source', async () => {
    const { tiny, backupId } = await backedUp();
    const data = volumeData(tiny, echoVolume);
    // Too large for one pack, so that it alone is in some.
    await writeFile(path.join(data, 'content/large.bin'), randomBytes(3_000_000));
    await link(path.join(data, 'content/large.bin'), path.join(data, 'content/larger.bin'));
    const before = new Set(packFiles(tiny.vaultFolder));
    const request = { trigger: 'manual', agents: ['echo'] } as const;
    const { backupId: second } = await createBackup(tiny.context, request, quietly);
    expect(second).not.toBe(backupId);
    const [largest = ''] = packFiles(tiny.vaultFolder)
      .filter((file) => !before.has(file))
      .toSorted((one, other) => statSync(other).size - statSync(one).size);
    const bytes = readFileSync(largest);
    bytes.fill(0, 1_000_000, 1_000_100);
    writeFileSync(largest, bytes);
    const folder = path.join(tiny.base, 'out');
    const { warnings, restored } = await restoreBackup(tiny.context, toFolder(second, folder), quietly);
    expect(restored).toEqual([`memory/${echoVolume}`]);
    expect(warnings).toMatchObject([
      { code: 'damaged', volume: echoVolume, path: 'content/large.bin' },
      { code: 'damaged', volume: echoVolume, path: 'content/larger.bin' },
    ]);
    const written = path.join(folder, 'memory', echoVolume);
    expect(readdirSync(path.join(written, 'content')).toSorted()).toEqual(['again.md', 'big.bin', 'zero']);
    expect(readFileSync(path.join(written, 'CLAUDE.md'))).toEqual(readFileSync(path.join(data, 'CLAUDE.md')));
    const alone = toFolder(second, path.join(tiny.base, 'alone'), { paths: ['content/large.bin'] });
    await expect(restoreBackup(tiny.context, alone, quietly)).rejects.toMatchObject({ kind: 'damaged' });
    expect(existsSync(path.join(tiny.base, 'alone'))).toBe(false);
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
