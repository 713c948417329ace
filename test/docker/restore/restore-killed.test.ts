import { describe, expect, it } from 'vitest';
import { recoverJournals } from '../../../main/backup/restore/swap/recover-journals.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import { hierarchy } from '../../helpers/control-group.ts';
import { inPlace } from '../../helpers/tiny-backup.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import type { Victims } from '../../helpers/victims.ts';
import { containerStates } from '../../services/docker/containers.ts';
import { killRestore, type Moment } from './killed-restore.ts';
import { backedUpLab, leftovers, type LiveLab } from './live-lab.ts';

type Kill = Readonly<{
  at: Moment;
  victims?: Victims;
  /** What is live in the end. */
  live: 'old' | 'new';
  /** Nobody guards any more, or yet: the next start puts things right. */
  byNextStart?: boolean;
}>;

/** Kills restores, one after the other, and each time waits until everything is in order again. */
async function killAll(
  lab: LiveLab,
  backupId: string,
  kills: readonly Kill[],
  access: 'auto' | 'helper' = 'auto',
): Promise<void> {
  const before = await lab.states();
  for (const { at, victims = 'process', live, byNextStart = false } of kills) {
    lab.write('new');
    const hasReached = await killRestore(lab, backupId, { at, victims, access });
    // Nobody guards what is up again.
    const isUp = 'event' in at && at.before === 'up' && hasReached;
    if (byNextStart || isUp) await recoverJournals(lab.home);
    await expect.poll(async () => ({ at, left: await leftovers(lab) })).toEqual({ at, left: [] });
    expect({ at, live: lab.generations() }).toEqual({ at, live: Array(3).fill(live) });
    await expect.poll(async () => ({ at, states: await lab.states() })).toEqual({ at, states: before });
  }
  // Nobody has ever found one volume of one backup and one of another.
  expect(lab.starts()).not.toMatch(/old new|new old/u);
}

/** A step in the middle of the renames. */
async function middleMove(lab: LiveLab, backupId: string): Promise<string> {
  const moves: string[] = [];
  const request = { ...inPlace(backupId), safetyBackup: false };
  await restoreBackup(lab.context, request, quietly, {
    beforeStep: (step) => void (step.startsWith('move-') && moves.push(step)),
  });
  expect(moves.length).toBeGreaterThan(5);
  return moves.at(moves.length / 2) ?? '';
}

describe('a restore of a running install that is killed', () => {
  it('is undone or finished by the guard, or by the next start, before any agent runs again', async () => {
    const { lab, backupId } = await backedUpLab();
    const middle = await middleMove(lab, backupId);
    await killAll(lab, backupId, [
      { at: { step: 'staged' }, live: 'new', byNextStart: true },
      { at: { event: 'die', before: 'stopped' }, live: 'new' },
      { at: { step: 'stopped' }, live: 'new' },
      { at: { step: middle }, live: 'new' },
      { at: { step: 'commit' }, live: 'new' },
      { at: { step: 'committed' }, live: 'old' },
      { at: { event: 'start', before: 'up' }, live: 'old' },
      { at: { step: 'up' }, live: 'old', byNextStart: true },
    ]);
  });

  it('is so too when its whole process group is killed', async () => {
    const { lab, backupId } = await backedUpLab();
    const middle = await middleMove(lab, backupId);
    await killAll(lab, backupId, [
      { at: { event: 'die', before: 'stopped' }, victims: 'process group', live: 'new' },
      { at: { step: middle }, victims: 'process group', live: 'new' },
      { at: { step: 'committed' }, victims: 'process group', live: 'old' },
    ]);
  });

  it.skipIf(hierarchy === undefined)('is so too when its whole control group is killed', async () => {
    const { lab, backupId } = await backedUpLab();
    const middle = await middleMove(lab, backupId);
    await killAll(lab, backupId, [
      { at: { step: 'stopped' }, victims: 'control group', live: 'new' },
      { at: { step: middle }, victims: 'control group', live: 'new' },
      { at: { step: 'committed' }, victims: 'control group', live: 'old' },
    ]);
  });

  it('is undone or finished where only helpers write, too', async () => {
    const { lab, backupId } = await backedUpLab(undefined, 'helper');
    await killAll(
      lab,
      backupId,
      [
        { at: { step: 'prepared' }, live: 'new' },
        { at: { step: 'helper-1' }, victims: 'process group', live: 'new' },
        { at: { step: 'commit' }, live: 'new' },
        { at: { step: 'committed' }, live: 'old' },
        { at: { step: 'cleared' }, live: 'old' },
      ],
      'helper',
    );
  });

  it.each([
    ['in the middle of the swap', 'commit', 'new'],
    ['after the commit', 'committed', 'old'],
  ])('leaves agents down when nobody is left, %s, until the next start', async (_, step, live) => {
    const { lab, backupId } = await backedUpLab();
    const before = await lab.states();
    lab.write('new');
    const starts = lab.starts();
    await killRestore(lab, backupId, { at: { step }, victims: 'process', guardsToo: true });
    const held = ['agent-echo', 'agent-paused', 'trinity-scheduler'];
    const down = Object.entries(await containerStates(lab.engine)).filter(([name]) => held.includes(name));
    expect(down.map(([, { state, restartPolicy }]) => `${state} ${restartPolicy}`)).toEqual(
      held.map(() => 'exited no'),
    );
    expect(lab.starts()).toBe(starts);
    await recoverJournals(lab.home);
    expect(lab.generations()).toEqual(Array(3).fill(live));
    expect(await lab.states()).toEqual(before);
    expect(await leftovers(lab)).toEqual([]);
  });
});
