import { AppError, type ErrorKind, messageOf } from '../../shared/lib/app-error.ts';
import type { Run, RunOutcome } from '../catalog/catalog.ts';
import type { Engine } from './engine.ts';

/** What of a finished run goes into the history. */
export type Recorded = Pick<Run, 'outcome' | 'backupId' | 'message' | 'failedSources'>;

/** Refused before anything began: the run was no attempt. */
const noAttempt: ReadonlySet<ErrorKind> = new Set(['usage', 'not-found', 'busy', 'not-entitled', 'refused']);

/**
 * Runs something and records how it ended, failures too. An error that says the run never began (`isAttempt` false) is
 * not recorded: a mistyped agent is no failed backup.
 */
export async function recordRun<Result>(
  engine: Engine,
  operation: string,
  run: () => Promise<Result>,
  tell: Readonly<{
    done: (result: Result) => Promise<Recorded> | Recorded;
    isAttempt?: (error: unknown) => boolean;
  }>,
): Promise<Result> {
  const startedMs = engine.now();
  const record = async (recorded: () => Promise<Recorded> | Recorded): Promise<void> => {
    try {
      const catalog = await engine.catalog();
      catalog.recordRun({ operation, startedMs, finishedMs: engine.now(), ...(await recorded()) });
    } catch {
      // The history is a cache: that it cannot be written (a full disk) undoes no run, and hides no error of one.
    }
  };
  let result: Result;
  try {
    result = await run();
  } catch (error) {
    if (tell.isAttempt?.(error) ?? isAttempt(error)) {
      await record(() => ({ outcome: outcomeOf(error), message: messageOf(error), failedSources: [] }));
    }
    throw error;
  }
  await record(async () => await tell.done(result));
  return result;
}

export function isAttempt(error: unknown): boolean {
  return !(error instanceof AppError) || !noAttempt.has(error.kind);
}

/** How a run ended that threw. */
export function outcomeOf(error: unknown): RunOutcome {
  if (!(error instanceof AppError)) return 'failed';
  if (error.kind === 'cancelled') return 'cancelled';
  // Waiting for the vault's disk is no failure until the objective is missed, which its age tells.
  return error.details['absent'] === true ? 'skipped' : 'failed';
}
