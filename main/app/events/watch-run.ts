import { randomBytes } from 'node:crypto';
import { messageOf } from '../../../shared/lib/app-error.ts';
import type { EventOf } from '../../../shared/model/events.ts';
import type { OperationOptions } from '../operation.ts';
import { outcomeOf } from '../record-run.ts';
import type { EventBus } from './event-bus.ts';

export type RunLabel = Readonly<Pick<EventOf<'runStarted'>, 'what' | 'trigger' | 'subject'>>;
export type RunResult = Readonly<Pick<EventOf<'runFinished'>, 'outcome' | 'backupId' | 'message'>>;

/** Ten a second, the most that a page can show. */
const betweenProgressMs = 100;

type Watched = Readonly<{
  events: EventBus;
  now: () => number;
  label: RunLabel;
  options: OperationOptions;
}>;

/** Runs something, and tells its start, its progress and how it ended. `tell` says how it ended where it did not throw. */
export async function watchRun<Result>(
  { events, now, label, options }: Watched,
  run: (options: OperationOptions) => Promise<Result>,
  tell: (result: Result) => RunResult = () => ({ outcome: 'succeeded' }),
): Promise<Result> {
  const started = { ...label, runId: options.runId ?? randomBytes(4).toString('hex'), startedMs: now() };
  events.emit('runStarted', started);
  let isOver = false;
  const finish = (result: RunResult): void => {
    isOver = true;
    events.emit('runFinished', { ...started, ...result, finishedMs: now() });
  };
  let toldMs = -Infinity;
  let toldStep: number | undefined;
  const onProgress: OperationOptions['onProgress'] = (progress) => {
    // A call that was given up may end after its run: to the bus that would be a run which never ends.
    if (isOver) return;
    options.onProgress(progress);
    // Both ways: the clock may be set back meanwhile.
    const isSoon = Math.abs(now() - toldMs) < betweenProgressMs;
    if (isSoon && progress.step?.number === toldStep) return;
    toldMs = now();
    toldStep = progress.step?.number;
    const { total, ...rest } = progress;
    events.emit('runProgress', { ...started, ...rest, ...(total === undefined ? {} : { total }) });
  };
  let result: Result;
  try {
    result = await run({ signal: options.signal, onProgress });
  } catch (error) {
    finish({ outcome: outcomeOf(error), message: messageOf(error) });
    throw error;
  }
  finish(tell(result));
  return result;
}
