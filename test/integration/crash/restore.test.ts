import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { restoreBackup } from '../../../main/backup/restore-service.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import type { CrashLab } from './crash-lab.ts';
import { type CrashCase, failAtEveryCall, killAtEveryCall, killAtRandom, killWhen } from './every-call.ts';

const timeout = 240_000;

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

/** Resolves once the journal of a restore in this home says that it has come so far. */
async function untilPhase(lab: CrashLab, phase: string): Promise<void> {
  const folder = path.join(lab.home, 'journals');
  for (;;) {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    for (const name of names.filter((each) => each.endsWith('.json'))) {
      try {
        if (readFileSync(path.join(folder, name), 'utf8').includes(`"phase":"${phase}"`)) return;
      } catch {
        // Gone between the two looks: the restore is over, and the command ends by itself.
      }
    }
    await delay(1);
  }
}

describe('a restore in place', () => {
  it('may be killed at every storage call', { timeout }, async () => await killAtEveryCall(restore));
  it('may fail at every storage call', { timeout }, async () => await failAtEveryCall(restore));
  it('may be killed at any moment', { timeout }, async () => await killAtRandom(restore, 6));
  it('may be killed while it swaps', { timeout }, async () => {
    await killWhen(restore, 6, async (lab, number) => {
      await untilPhase(lab, 'swapping');
      await delay(number * 2);
    });
  });
  it('may be killed when all is swapped', { timeout }, async () => {
    await killWhen(restore, 2, async (lab) => await untilPhase(lab, 'committed'));
  });
});
