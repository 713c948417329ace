import { describe, expect, it } from 'vitest';
import { restoreSteps } from '../../../../shared/model/restore-steps.ts';
import { Pause, sharedLab } from '../../../helpers/command-lab.ts';
import { RunningApplication, useHere } from '../../../helpers/running-application.ts';

const shared = sharedLab(async (lab) => void (await lab.json(['backup'])));

/** The numbers of steps as events told them, in their order. */
function stepsTold({ events }: RunningApplication): readonly number[] {
  const numbers = events.flatMap(({ name, event }) =>
    name === 'runProgress' && event.step !== undefined ? [event.step.number] : [],
  );
  return numbers.filter((number, index) => number !== numbers[index - 1]);
}

describe('a restore that pages watch', () => {
  it('says in which step it is, by events, by its task with times, and in the sentence of the state', async () => {
    const lab = await shared().copy();
    const pause = new Pause(lab.base, { operation: 'put', prefix: 'backups/' });
    useHere(pause, lab);
    const app = await RunningApplication.start(lab);
    await app.run('settingsSet', { path: ['enabled'], value: false });
    const [backup] = (await app.run('list', { trashed: false })).backups;
    const { taskId, done } = app.application.tasks.start('restore', {
      backupId: backup?.backupId ?? '',
      destination: { way: 'in-place' },
      safetyBackup: true,
    });
    await pause.reached();
    expect((await app.run('status', {})).sentence).toBe('Restoring everything: step 3 of 5.');
    await app.clock.advance(1000);
    await app.until(() => app.sentences().at(-1) === 'Restoring everything: step 3 of 5.');
    pause.goOn();
    await done;
    const steps = app.application.tasks.get(taskId).steps;
    expect(steps.map(({ name }) => name)).toEqual(restoreSteps('in-place', true));
    expect(steps.every(({ finishedMs }) => finishedMs !== undefined)).toBe(true);
    expect(stepsTold(app)).toEqual([1, 2, 3, 4, 5]);
  });

  it('says them of plain files too, which hinder nobody', async () => {
    const lab = await shared().copy();
    const app = await RunningApplication.start(lab);
    const [backup] = (await app.run('list', { trashed: false })).backups;
    const { taskId, done } = app.application.tasks.start('restore', {
      backupId: backup?.backupId ?? '',
      only: ['config'],
      destination: { way: 'to', folder: `${lab.base}/out` },
      safetyBackup: false,
    });
    await done;
    expect(app.events).toContainEqual({
      name: 'runStarted',
      event: expect.objectContaining({ what: 'export', runId: taskId, subject: 'the configuration' }),
    });
    expect(stepsTold(app)).toEqual([1, 2]);
    expect(app.application.tasks.get(taskId).steps.map(({ name }) => name)).toEqual(
      restoreSteps('to', false),
    );
  });
});
