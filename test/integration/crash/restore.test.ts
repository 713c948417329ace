import { describe, expect, it } from 'vitest';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import {
  type CrashCase,
  failAtEveryCall,
  killAtEveryCall,
  killAtRandom,
  killInRestore,
} from './every-call.ts';

const timeout = 900_000;

/** The install has changed since the backup that is restored: live data is then all of before or all of the backup. */
const restore: CrashCase = async (lab) => {
  const backupId = await lab.backUp();
  const restored = lab.liveDigest();
  lab.change();
  const changed = lab.liveDigest();
  const partly = {
    backupId,
    only: ['files', 'config'],
    destination: { way: 'in-place' } as const,
    safetyBackup: true,
  };
  return {
    args: ['restore', backupId, '--confirm'],
    // Any command first puts in order what a killed one left.
    next: ['list'],
    backupIds: [backupId],
    service: async (context) => await restoreBackup(context, partly, quietly),
    check: () => expect([changed, restored]).toContain(lab.liveDigest()),
    retryEvery: 4,
    checkFailed: () => expect(lab.liveDigest()).toBe(changed),
  };
};

describe('a restore in place', () => {
  it('may be killed at every storage call', { timeout }, async () => await killAtEveryCall(restore));
  it('may fail at every storage call', { timeout }, async () => await failAtEveryCall(restore));
  it('may be killed at any moment', { timeout }, async () => await killAtRandom(restore, 6));
  it('may be killed while it swaps', { timeout }, async () => {
    const moves = [undefined, 0, 2, 4, 6, 8, 10];
    await killInRestore(
      restore,
      moves.map((move) => ({ phase: 'swapping', ...(move === undefined ? {} : { move }) })),
    );
  });
  it('may be killed when all is swapped', { timeout }, async () => {
    await killInRestore(restore, [{ phase: 'committed' }, { phase: 'committed' }]);
  });
});
