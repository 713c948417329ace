import { describe, expect, it, vi } from 'vitest';
import { recoverRestores } from '../../../main/backup/restore/swap/recover-restores.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import { threadEntry } from '../../../main/platform/thread-entry.ts';
import { startChild } from '../../helpers/child-process.ts';
import { inPlace } from '../../helpers/tiny-backup.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import { backedUpLab, leftovers, type LiveLab } from './live-lab.ts';

const child = threadEntry(import.meta.url, './live-restore.child.ts');

/** Runs the child until it dies at a step, and waits until the guard has put things right: it goes once nothing is held. */
async function dieAt(lab: LiveLab, backupId: string, step: string, access = 'auto'): Promise<void> {
  const { base, engine, recoveryKey } = lab;
  const outcome = await startChild(child, [
    base,
    engine.socket,
    recoveryKey,
    backupId,
    step,
    access,
  ]).outcome();
  expect({ step, ...outcome }).toMatchObject({ step, signal: 'SIGKILL' });
  if (step === 'up') await recoverRestores(lab.home);
  await vi.waitFor(async () => expect({ step, left: await leftovers(lab) }).toEqual({ step, left: [] }), {
    timeout: 60_000,
    interval: 200,
  });
}

describe('a restore of a running install that is killed', () => {
  it('is undone or finished by the guard before any agent runs again', async () => {
    const { lab, backupId } = await backedUpLab();
    const before = await lab.states();
    const moves: string[] = [];
    const request = { ...inPlace(backupId), safetyBackup: false };
    await restoreBackup(lab.context, request, quietly, {
      beforeStep: (step) => void (step.startsWith('move-') && moves.push(step)),
    });
    expect(moves.length).toBeGreaterThan(5);
    const middle = moves.at(moves.length / 2) ?? '';
    const results = { stopped: 'new', [middle]: 'new', commit: 'new', committed: 'old', up: 'old' };
    for (const [step, generation] of Object.entries(results)) {
      lab.write('new');
      await dieAt(lab, backupId, step);
      expect({ step, live: lab.generations() }).toEqual({ step, live: Array(3).fill(generation) });
      await vi.waitFor(async () =>
        expect({ step, states: await lab.states() }).toEqual({ step, states: before }),
      );
    }
    // Nobody has ever found one volume of one backup and one of another.
    expect(lab.starts()).not.toMatch(/old new|new old/u);
  });

  it('is undone or finished where only helpers write, too', async () => {
    const { lab, backupId } = await backedUpLab(undefined, 'helper');
    const before = await lab.states();
    const results = { prepared: 'new', 'helper-1': 'new', commit: 'new', committed: 'old', cleared: 'old' };
    for (const [step, generation] of Object.entries(results)) {
      lab.write('new');
      await dieAt(lab, backupId, step, 'helper');
      expect({ step, live: lab.generations() }).toEqual({ step, live: Array(3).fill(generation) });
      await vi.waitFor(async () =>
        expect({ step, states: await lab.states() }).toEqual({ step, states: before }),
      );
    }
    expect(lab.starts()).not.toMatch(/old new|new old/u);
  });
});
