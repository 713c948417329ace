import { describe, expect, it } from 'vitest';
import { EventBus } from '../../../../main/app/events/event-bus.ts';
import { watchRun } from '../../../../main/app/events/watch-run.ts';
import type { OperationOptions } from '../../../../main/app/operation.ts';

const progress = { phase: 'copy', done: 1, total: 2, unit: 'files', detail: '' } as const;

describe('watchRun', () => {
  it('tells nothing of a run that is over, whatever a call that was given up says later', async () => {
    const events = new EventBus();
    const options: OperationOptions = { signal: new AbortController().signal, onProgress: () => undefined };
    let late: OperationOptions['onProgress'] = () => undefined;
    await watchRun({ events, now: () => 0, label: { what: 'copy' }, options }, async ({ onProgress }) => {
      late = onProgress;
      await Promise.resolve();
    });
    late(progress);
    const kept: string[] = [];
    events.subscribe(({ name }) => kept.push(name));
    expect(kept).toEqual(['runFinished']);
  });
});
