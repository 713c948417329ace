import { AppError, type ErrorKind, messageOf } from '../../shared/lib/app-error.ts';
import type { RunOutcome } from '../../shared/model/history.ts';
import type { Trigger } from '../../shared/model/trigger.ts';
import type { NewEvent } from '../catalog/event-table.ts';
import type { NewRun } from '../catalog/run-table.ts';
import type { Engine } from './engine.ts';
import { failureKindOf } from './history/failure-kind.ts';
import { runOfManifest } from './history/manifest-run.ts';
import { wordsOf } from './history/run-words.ts';

/** What of a finished run goes into the history. */
export type Recorded = Pick<NewRun, 'outcome' | 'failedSources'> & Partial<Omit<NewRun, 'operation'>>;

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
    trigger?: Trigger;
    /** Of what and where, after the name of the run. */
    about?: string;
    done: (result: Result) => Promise<Recorded> | Recorded;
    isAttempt?: (error: unknown) => boolean;
  }>,
): Promise<Result> {
  const startedMs = engine.now();
  const { trigger, about } = tell;
  const known = { operation, startedMs, ...(trigger === undefined ? {} : { trigger }) };
  const record = async (recorded: () => Promise<Recorded> | Recorded): Promise<void> =>
    await recordEnded(
      engine,
      async () => ({ ...(await recorded()), ...known, finishedMs: engine.now() }),
      about,
    );
  let result: Result;
  try {
    result = await run();
  } catch (error) {
    if (tell.isAttempt?.(error) ?? isAttempt(error)) {
      const outcome = outcomeOf(error);
      await record(() => ({
        outcome,
        ...(outcome === 'skipped' ? { skipReason: 'waiting' } : {}),
        message: messageOf(error),
        failureKind: failureKindOf(error),
        failedSources: [],
      }));
    }
    throw error;
  }
  await record(async () => await tell.done(result));
  return result;
}

/** Puts a run that is over, or that was skipped, into the history, with its line for the page Activity. */
export async function recordEnded(
  engine: Engine,
  ended: () => Promise<NewRun> | NewRun,
  about?: string,
): Promise<void> {
  try {
    const run = await ended();
    const catalog = await engine.catalog();
    const runId = catalog.recordRun(run);
    await recordEvent(engine, {
      atMs: run.finishedMs,
      code: `${run.operation}-${run.outcome}`,
      runId,
      ...wordsOf(run, about),
    });
  } catch {
    // The history is a cache: that it cannot be written (a full disk) undoes no run, and hides no error of one.
  }
}

const logLevels = { info: 'info', warning: 'warn', error: 'error' } as const;

/** Puts a line onto the page Activity, and into the log; of now, unless it says otherwise. */
export async function recordEvent(
  engine: Engine,
  event: Omit<NewEvent, 'atMs'> & Readonly<{ atMs?: number }>,
): Promise<void> {
  const { severity, code, runId, words } = event;
  engine.log.of('activity')[logLevels[severity]]({ code, runId }, words);
  try {
    (await engine.catalog()).recordEvent({ atMs: engine.now(), ...event });
    engine.events.emit('activityRecorded', {});
  } catch {
    // What goes on goes on without its line.
  }
}

/** A backup that was made on the way: the safety backup of a restore. */
export async function recordBackup(engine: Engine, backupId: string): Promise<void> {
  await recordEnded(engine, async () => {
    const vault = await engine.vault();
    return runOfManifest((await vault.loadManifest(backupId)).manifest);
  });
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
