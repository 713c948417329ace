import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { manifestModel, taskModel } from '../../../../main/headless/server/routes/models.ts';
import { type RestLab, sharedRestLab } from '../../../helpers/rest-lab.ts';

const shared = sharedRestLab({ isSetUp: true });
const backups = '/api/v1/admin/backups';

/** The task when it has ended. */
async function ended(lab: RestLab, location: unknown): Promise<z.infer<typeof taskModel>> {
  for (;;) {
    const task = taskModel.parse((await lab.ask({ path: String(location) })).json);
    if (task.state !== 'running') return task;
    await lab.application.tasks.get(task.task_id).done;
  }
}

describe('long work over REST', () => {
  it('goes on beside the request, when it asks for that', async () => {
    const lab = shared();
    const headers = { prefer: 'respond-async' };
    const begun = await lab.ask({ method: 'POST', path: backups, headers });
    expect(begun.status).toBe(202);
    expect(begun.headers['preference-applied']).toBe('respond-async');
    const backup = await ended(lab, begun.headers['location']);
    expect(backup).toMatchObject({ operation: 'backup', state: 'succeeded', error: null });
    const { backup_id } = manifestModel.parse(backup.result);
    const body = { backup_id, components: ['files'], confirm: true };
    const restoring = await lab.ask({ method: 'POST', path: `${backups}/restore`, headers, body });
    const restore = await ended(lab, restoring.headers['location']);
    expect(restore).toMatchObject({ state: 'succeeded', result: { restored_components: ['files'] } });
  });

  it('is refused at once while other work goes on, in every way of asking, and can be cancelled', async () => {
    const lab = shared();
    const headers = { prefer: 'respond-async' };
    const gate = Promise.withResolvers<void>();
    const busy = lab.application.engine.exclusively(
      'backup',
      { signal: new AbortController().signal, onProgress: () => undefined },
      async () => await gate.promise,
    );
    for (const more of [{}, headers]) {
      const answer = await lab.ask({ method: 'POST', path: backups, headers: more });
      expect(answer).toMatchObject({ status: 409, json: { kind: 'busy' } });
    }
    gate.resolve();
    await busy;
    const begun = await lab.ask({ method: 'POST', path: backups, headers });
    const location = String(begun.headers['location']);
    expect((await lab.ask({ method: 'DELETE', path: location })).status).toBe(202);
    expect(await ended(lab, location)).toMatchObject({ state: 'failed', error: { kind: 'cancelled' } });
  });
});
