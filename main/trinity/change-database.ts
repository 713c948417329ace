import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { AppError, messageOf } from '../../shared/lib/app-error.ts';
import { VolumeHelpers, type HelperTarget } from './helper/volume-helpers.ts';
import { isBusy } from './sqlite-errors.ts';

/** One statement with its one parameter. */
export type Statement = Readonly<{ sql: string; text: string }>;

const busyMs = 10_000;
const pollMs = 100;
const changedShape = z.object({ changed: z.array(z.number().int()) });

/**
 * Runs statements as one transaction on a live database in a folder here, and tells how many rows each has changed. `busy` when others keep
 * it locked.
 */
export async function changeDatabase(
  file: string,
  statements: readonly Statement[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  const deadline = performance.now() + busyMs;
  for (;;) {
    try {
      return change(file, statements);
    } catch (error) {
      if (!isBusy(error)) throw changeFailed(error);
      if (performance.now() > deadline)
        throw new AppError('busy', 'Trinity keeps its database locked. Try again in a minute.', {
          cause: error,
        });
    }
    await delay(pollMs, undefined, { signal });
  }
}

/** The same where only a container can write it, at `path` in that place. */
export async function changeDatabaseByHelper(
  place: Readonly<{ host: string; target: HelperTarget; path: string }>,
  statements: readonly Statement[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  await using helpers = new VolumeHelpers({ host: place.host });
  await using helper = await helpers.openToWrite([{ target: place.target, at: '/tree' }], signal);
  const question = { input: { statements }, answer: changedShape };
  return (await helper.ask(['change', '/tree', place.path], question, signal)).changed;
}

function change(file: string, statements: readonly Statement[]): readonly number[] {
  // Waiting is done outside: this thread has others to serve.
  const database = new Database(file, { fileMustExist: true, timeout: 0 });
  try {
    database.pragma('trusted_schema=OFF');
    const run = database.transaction(() =>
      statements.map(({ sql, text }) => database.prepare(sql).run(text).changes),
    );
    return run.immediate();
  } finally {
    database.close();
  }
}

function changeFailed(error: unknown): AppError {
  const message = `Trinity's database could not be changed (${messageOf(error)}). Check it, then try again.`;
  return new AppError('failed', message, { cause: error });
}
