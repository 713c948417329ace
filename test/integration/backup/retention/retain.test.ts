import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../../main/backup/run/backup-service.ts';
import type { BackupOutcome, ServiceContext } from '../../../../main/backup/services.ts';
import type { Trigger } from '../../../../shared/model/trigger.ts';
import { quietly, tinyInstall } from '../../../helpers/tiny-install.ts';

const dayMs = 24 * 60 * 60 * 1000;
const newestTwo = { newest: 2, daily: 0, weekly: 0, monthly: 0, maxAgeDays: 365 };

type Made = Readonly<{ usual: ServiceContext; strict: ServiceContext; ids: readonly string[] }>;

/** Backups of some past days that the usual rules keep, and a context whose rules keep two. */
async function someBackups(ages: readonly number[]): Promise<Made> {
  const { context: usual } = await tinyInstall();
  const ids: string[] = [];
  for (const age of ages) {
    const then = { ...usual, now: () => Date.now() - age * dayMs };
    ids.push((await backUp(then)).backupId);
  }
  return { usual, strict: { ...usual, settings: { ...usual.settings, retention: newestTwo } }, ids };
}

async function backUp(context: ServiceContext, trigger: Trigger = 'manual'): Promise<BackupOutcome> {
  return await createBackup(context, { trigger, only: ['files'] }, quietly);
}

async function idsOf({ vault }: ServiceContext, wanted: 'live' | 'trashed'): Promise<readonly string[]> {
  const { manifests } = await vault.listManifests();
  return manifests.filter(({ state }) => state === wanted).map(({ manifest }) => manifest.backupId);
}

describe('retainAfter', () => {
  it('moves what no rule keeps to the trash, once a backup is done', async () => {
    const { strict, ids } = await someBackups([3, 2]);
    const made = await backUp(strict);
    expect(made.warnings).toEqual([]);
    expect(made.notes).toContainEqual({
      code: 'retention',
      message: `No rule keeps ${ids[0]} any more: in the trash for 7 days.`,
    });
    expect(await idsOf(strict, 'live')).toEqual([made.backupId, ids[1]]);
    expect(await idsOf(strict, 'trashed')).toEqual([ids[0]]);
  });

  it.each(['pre_migration', 'shutdown'] as const)('deletes nothing after a %s backup', async (trigger) => {
    const { strict } = await someBackups([4, 3, 2]);
    await backUp(strict, trigger);
    expect(await idsOf(strict, 'live')).toHaveLength(4);
  });

  it('deletes nothing and warns, when more than half would go', async () => {
    const { strict } = await someBackups([5, 4, 3, 2]);
    const made = await backUp(strict);
    expect(made.warnings).toMatchObject([
      { code: 'retention-failed', message: expect.stringContaining('would delete 3 of 5') },
    ]);
    expect(made.incomplete).toBe(false);
    expect(await idsOf(strict, 'live')).toHaveLength(5);
  });

  it('deletes nothing and warns, while the clocks differ', async () => {
    const { strict } = await someBackups([3, 2]);
    const made = await backUp({ ...strict, now: () => Date.now() + 6 * 60 * 1000 });
    expect(made.warnings).toMatchObject([
      { code: 'retention-failed', message: expect.stringContaining('clocks') },
    ]);
    expect(await idsOf(strict, 'live')).toHaveLength(3);
  });

  it('leaves the only copy of a source, however old it is', async () => {
    const { usual, strict, ids } = await someBackups([3]);
    const later = { trigger: 'manual', only: ['config'] } as const;
    for (const age of [2, 1]) {
      await createBackup({ ...usual, now: () => Date.now() - age * dayMs }, later, quietly);
    }
    await createBackup(strict, later, quietly);
    expect(await idsOf(strict, 'live')).toContain(ids[0]);
  });
});
