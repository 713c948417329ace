import { getEventListeners } from 'node:events';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { InputOf, OperationName } from '../../../../main/app/operations/operations.ts';
import { setLive, sharedLive, toRealTime } from '../../../helpers/live-settings.ts';

const started = sharedLive();

/** What still listens, by its source, to the signals that this has seen anybody listen to. */
function stillListening(seen: readonly unknown[]): readonly string[] {
  return [...new Set(seen)]
    .filter((target) => target instanceof AbortSignal && !target.aborted)
    .flatMap((signal) => getEventListeners(signal as AbortSignal, 'abort').map(String)); // looked at right above
}

describe('an operation of an application that goes on', () => {
  it('listens to no signal any more when it is over, which would keep all of it in memory', async () => {
    const { app, lab } = await started();
    toRealTime({ app });
    const listening = vi.spyOn(EventTarget.prototype, 'addEventListener');
    const run = async <Name extends OperationName>(name: Name, input: InputOf<Name>): Promise<void> => {
      await app.run(name, input);
      expect({ name, left: stillListening(listening.mock.contexts) }).toEqual({ name, left: [] });
      listening.mockClear();
    };
    await run('backup', {});
    const { backupId } = (await app.run('list', { trashed: false })).backups[0] ?? { backupId: '' };
    await run('copiesAdd', { location: path.join(lab.base, 'copy'), name: 'nas' });
    // Not by itself, beside what is looked at.
    await setLive(app, 'copies.nas.enabled', false);
    await app.until(() => app.application.engine.copies.running.length === 0);
    await run('copiesRun', { name: 'nas' });
    await run('verify', { data: 'full' });
    await run('drill', {});
    await run('files', { backupId });
    await run('find', { name: 'notes' });
    const folder = path.join(lab.base, 'to');
    await run('restore', { backupId, destination: { way: 'to', folder }, safetyBackup: false });
    await run('restore', { backupId, destination: { way: 'in-place' }, safetyBackup: true });
    await run('status', {});
    await run('agents', {});
    await run('prune', { dryRun: false, confirmed: false });
    await run('collect', {});
    await run('export', { backupId, component: 'config', output: path.join(lab.base, 'config.zip') });
  });
});
