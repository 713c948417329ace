import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../../main/backup/run/backup-service.ts';
import { setPinned } from '../../../../main/backup/keep-backups.ts';
import { pruneBackups } from '../../../../main/backup/retention/prune.ts';
import type { ServiceContext } from '../../../../main/backup/services.ts';
import { quietly, tinyInstall } from '../../../helpers/tiny-install.ts';

const dayMs = 24 * 60 * 60 * 1000;
const oneADay = { newest: 1, daily: 3, weekly: 0, monthly: 0, maxAgeDays: 365 };

/** Backups made in a past that ends now: one for each age in days, oldest first. */
async function backupsOfAges(context: ServiceContext, ages: readonly number[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const age of ages) {
    const then = { ...context, now: () => Date.now() - age * dayMs };
    ids.push((await createBackup(then, { trigger: 'manual', only: ['files'] }, quietly)).backupId);
  }
  return ids;
}

async function liveIds({ vault }: ServiceContext): Promise<readonly string[]> {
  const { manifests } = await vault.listManifests();
  return manifests.filter(({ state }) => state === 'live').map(({ manifest }) => manifest.backupId);
}

describe('pruneBackups', () => {
  it('moves what no rule keeps to the trash, after a preview that says the same', async () => {
    const { context: usual } = await tinyInstall();
    const context = { ...usual, settings: { ...usual.settings, retention: oneADay } };
    const [old, pinned, two, one, today] = await backupsOfAges(usual, [5, 4, 2, 1, 0]);
    await setPinned(context, String(pinned), true);
    const preview = await pruneBackups(context, { dryRun: true, confirmed: false }, quietly);
    expect(preview.pruned.map((backup) => backup.backupId)).toEqual([old]);
    expect(await liveIds(context)).toHaveLength(5);
    const pruned = await pruneBackups(context, { dryRun: false, confirmed: false }, quietly);
    const { bytesFreed: _freed, ...same } = preview;
    const named = preview.pruned.map(({ bytesFreed: _of, ...backup }) => backup);
    expect(pruned).toEqual({ ...same, pruned: named, dryRun: false });
    expect(await liveIds(context)).toEqual([today, one, two, pinned]);
  });

  it('asks before more than half goes', async () => {
    const { context: usual } = await tinyInstall();
    const context = { ...usual, settings: { ...usual.settings, retention: { ...oneADay, daily: 1 } } };
    const ids = await backupsOfAges(usual, [3, 2, 0]);
    const refused = pruneBackups(context, { dryRun: false, confirmed: false }, quietly);
    await expect(refused).rejects.toMatchObject({ kind: 'refused' });
    expect(await liveIds(context)).toHaveLength(3);
    await pruneBackups(context, { dryRun: false, confirmed: true }, quietly);
    expect(await liveIds(context)).toEqual(ids.slice(2));
  });

  it('deletes nothing while the clocks differ', async () => {
    const { context: usual } = await tinyInstall();
    const context = { ...usual, settings: { ...usual.settings, retention: { ...oneADay, daily: 1 } } };
    await backupsOfAges(usual, [3, 0]);
    const wrong = { ...context, now: () => Date.now() + 6 * 60 * 1000 };
    const refused = pruneBackups(wrong, { dryRun: false, confirmed: true }, quietly);
    await expect(refused).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('clocks'),
    });
    expect(await liveIds(context)).toHaveLength(2);
  });

  it('never counts or deletes the backups of another install in the same vault', async () => {
    const { context: usual } = await tinyInstall();
    const context = { ...usual, settings: { ...usual.settings, retention: { ...oneADay, daily: 1 } } };
    const other = { ...context, installSettings: { ...context.installSettings, installId: '2'.repeat(32) } };
    const ours = await backupsOfAges(context, [9, 8]);
    const theirs = await backupsOfAges(other, [7, 6, 5]);
    const { pruned } = await pruneBackups(context, { dryRun: false, confirmed: true }, quietly);
    expect(pruned.map((backup) => backup.backupId)).toEqual(ours.slice(0, 1));
    expect(await liveIds(context)).toEqual([...theirs.toReversed(), ...ours.slice(1)]);
  });
});
