import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { EventBus } from '../../../../main/app/events/event-bus.ts';
import { type RunOperation, Tasks } from '../../../../main/app/tasks/tasks.ts';

const missing = '0'.repeat(32);

describe('Tasks', () => {
  it('tells progress while a task runs, and its result when it is done', async () => {
    const gate = Promise.withResolvers<void>();
    const tasks = new Tasks(
      async (_name, _input, { onProgress }) => {
        onProgress({ phase: 'copy', done: 1, total: 2, unit: 'files', detail: 'x' });
        await gate.promise;
        return { ok: true };
      },
      { now: Date.now, events: new EventBus() },
    );
    const { taskId } = tasks.start('drill', {});
    expect(tasks.get(taskId)).toMatchObject({ finishedMs: undefined, progress: { done: 1 } });
    gate.resolve();
    await tasks.get(taskId).done;
    expect(tasks.get(taskId)).toMatchObject({ result: { ok: true }, error: undefined });
    expect(tasks.get(taskId).finishedMs).toBeDefined();
  });

  it('notes when each step began and ended, and begins anew with one that is taken again', async () => {
    let nowMs = 0;
    const ended = Promise.withResolvers<void>();
    const tell = Promise.withResolvers<(number: number) => void>();
    const tasks = new Tasks(
      async (_name, _input, { onProgress }) => {
        const progress = { phase: 'x', done: 0, total: undefined, unit: 'files', detail: '' } as const;
        tell.resolve((number) => {
          nowMs += 1;
          onProgress({ ...progress, step: { number, of: 3, name: `step ${number}` } });
        });
        await ended.promise;
      },
      { now: () => nowMs, events: new EventBus() },
    );
    const { taskId, done } = tasks.start('drill', {});
    const steps = (): unknown =>
      tasks.get(taskId).steps.map(({ number, startedMs, finishedMs }) => [number, startedMs, finishedMs]);
    const take = await tell.promise;
    for (const number of [1, 1, 2, 1, 2]) take(number);
    expect(steps()).toEqual([
      [1, 4, 5],
      [2, 5, undefined],
    ]);
    nowMs = 9;
    ended.resolve();
    await done;
    expect(steps()).toEqual([
      [1, 4, 5],
      [2, 5, 9],
    ]);
  });

  it('says that it was cancelled, whatever the abort looked like deep down', async () => {
    const tasks = new Tasks(untilAborted('ABORT_ERR'), { now: Date.now, events: new EventBus() });
    const { taskId, done } = tasks.start('backup', {});
    tasks.cancel(taskId);
    await done;
    expect(tasks.get(taskId).error).toMatchObject({ kind: 'cancelled' });
  });

  it('makes an error for people of what an operation throws', async () => {
    const tasks = new Tasks(async () => await Promise.reject(new TypeError('boom')), {
      now: Date.now,
      events: new EventBus(),
    });
    const { taskId, done } = tasks.start('backup', {});
    await done;
    expect(tasks.get(taskId).error).toMatchObject({ kind: 'failed' });
    expect(tasks.get(taskId).error).toBeInstanceOf(AppError);
  });

  it('has begun when its run is told of under its id, or when it has ended without one', async () => {
    const events = new EventBus();
    const gate = Promise.withResolvers<void>();
    const tasks = new Tasks(async () => await gate.promise, { now: Date.now, events });
    const { taskId, begun } = tasks.start('backup', {});
    let hasBegun = false;
    const watching = begun.then(() => (hasBegun = true));
    events.emit('runStarted', { runId: 'other', what: 'backup', startedMs: 0 });
    await Promise.resolve();
    expect(hasBegun).toBe(false);
    events.emit('runStarted', { runId: taskId, what: 'backup', startedMs: 0 });
    await watching;
    expect(tasks.get(taskId).finishedMs).toBeUndefined();
    gate.resolve();
    const refused = tasks.start('backup', {});
    await refused.begun;
    expect(refused.finishedMs).toBeDefined();
  });

  it('does not find what is not there', () => {
    const tasks = new Tasks(async () => undefined, { now: Date.now, events: new EventBus() });
    expect(() => tasks.get(missing)).toThrow(expect.objectContaining({ kind: 'not-found' }));
    expect(() => tasks.cancel(missing)).toThrow(expect.objectContaining({ kind: 'not-found' }));
  });

  it('remembers the newest hundred that ended, and all that run', async () => {
    const forever = new Tasks(untilAborted('ABORT_ERR'), { now: Date.now, events: new EventBus() });
    const running = forever.start('backup', {});
    for (let number = 0; number < 150; number += 1) {
      const { taskId, done } = forever.start('drill', {});
      forever.cancel(taskId);
      await done;
    }
    expect(forever.list().length).toBeLessThanOrEqual(101);
    expect(forever.get(running.taskId).finishedMs).toBeUndefined();
    await forever[Symbol.asyncDispose]();
  });

  it('cancels all and waits for it, when the application ends', async () => {
    const tasks = new Tasks(untilAborted('ABORT_ERR'), { now: Date.now, events: new EventBus() });
    const { taskId } = tasks.start('verify', { data: 'full' });
    await tasks[Symbol.asyncDispose]();
    expect(tasks.get(taskId).error).toMatchObject({ kind: 'cancelled' });
  });
});

/** Stands for an operation that ends only when it is cancelled, with an error of the system. */
function untilAborted(code: string): RunOperation {
  return async (_name, _input, { signal }) =>
    await new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(Object.assign(new Error('aborted'), { code })));
    });
}
