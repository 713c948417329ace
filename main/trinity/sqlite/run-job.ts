import { AppError } from '../../../shared/lib/app-error.ts';
import type { MessageChild } from '../../platform/own-processes.ts';
import { takeJobChild } from './job-child.ts';
import { sqliteEvent, type CheckedEvent, type CopiedEvent, type FailedEvent, type SqliteJob } from './job.ts';

export type JobLimits = Readonly<{
  signal: AbortSignal;
  /** The child is killed when it has not ended by then. */
  totalMs: number;
  /** The child is killed when it keeps writers from the database for longer. */
  lockedMs?: number;
}>;

export type JobResult = CopiedEvent | CheckedEvent | FailedEvent;

type Ending = Readonly<{ result: JobResult }> | Readonly<{ killed: 'total' | 'locked' | 'aborted' | 'died' }>;

/**
 * Runs one job in a child process of its own and resolves when that process is gone, with whatever locks it held. Rejects with
 * the signal's reason, or with an `AppError` when a limit was passed or the child died.
 */
export async function runJob(job: SqliteJob, limits: JobLimits, entry?: URL): Promise<JobResult> {
  limits.signal.throwIfAborted();
  const child = takeJobChild(entry);
  child.send(job);
  const ending = await endingOf(child, limits);
  child.kill();
  await child.gone;
  if ('result' in ending) return ending.result;
  limits.signal.throwIfAborted();
  throw killedError(ending.killed);
}

function endingOf(child: MessageChild, limits: JobLimits): Promise<Ending> {
  return new Promise((resolve) => {
    let lockTimer: NodeJS.Timeout | undefined;
    const totalTimer = setTimeout(() => end({ killed: 'total' }), limits.totalMs);
    const onAbort = (): void => end({ killed: 'aborted' });
    const end = (ending: Ending): void => {
      clearTimeout(totalTimer);
      clearTimeout(lockTimer);
      limits.signal.removeEventListener('abort', onAbort);
      resolve(ending);
    };
    limits.signal.addEventListener('abort', onAbort, { once: true });
    void child.gone.then(() => end({ killed: 'died' }));
    child.onMessage((message) => {
      const { data: event } = sqliteEvent.safeParse(message);
      if (event === undefined) end({ killed: 'died' });
      else if (event.event === 'unlocked') clearTimeout(lockTimer);
      else if (event.event !== 'locked') end({ result: event });
      else if (limits.lockedMs !== undefined) {
        lockTimer = setTimeout(() => end({ killed: 'locked' }), limits.lockedMs);
      }
    });
  });
}

function killedError(killed: 'total' | 'locked' | 'aborted' | 'died'): AppError {
  if (killed === 'locked') {
    return new AppError(
      'busy',
      'Copying the database would have locked Trinity out for too long. Try again when it is quiet.',
    );
  }
  if (killed === 'total') {
    return new AppError(
      'unavailable',
      'Reading the database took too long and was stopped. Check the disk, then try again.',
    );
  }
  return new AppError(
    'unavailable',
    'The process that reads the database ended early. Check the free memory, then try again.',
  );
}
