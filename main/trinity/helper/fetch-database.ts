import { open, type FileHandle } from 'node:fs/promises';
import { AppError } from '../../../shared/lib/app-error.ts';
import { writeAll } from '../../platform/atomic-file.ts';
import type { InstallEngine } from '../install.ts';
import { sqliteHelperCommand } from './helper-program.ts';
import { readFrames, type SentEnd, type SentFile } from './sqlite-frames.ts';
import { placeText, VolumeHelpers, type HelperTarget } from './volume-helpers.ts';

export type DatabaseInVolume = Readonly<{
  engine: Pick<InstallEngine, 'host'>;
  /** The volume or folder that holds it. */
  target: HelperTarget;
  /** Of the main file there. */
  path: string;
  signal: AbortSignal;
}>;

export type FetchedDatabase = Readonly<{ live: SentFile; lockedMs: number }>;

const busySeconds = 10;
const lockBudgetSeconds = 10;
const missingCode = 11;
const busyCodes: readonly number[] = [12, 13];

/**
 * Brings a SQLite database out of a place that only a container can reach: read there, where its locks count, and written to `file`
 * with the sidecars that are part of it, which are played back in that copy. `unavailable` (missing), `busy` (locked too long).
 */
export async function fetchDatabase(place: DatabaseInVolume, file: string): Promise<FetchedDatabase> {
  const args = ['copy', place.path, String(busySeconds), String(lockBudgetSeconds)];
  let handle: FileHandle | undefined;
  let live: SentFile | undefined;
  try {
    const { lockedMs } = await run(place, args, {
      begin: async (sent) => {
        live ??= sent;
        await handle?.close();
        handle = await open(`${file}${sent.suffix}`, 'wx', 0o600);
      },
      data: async (bytes) => {
        if (handle !== undefined) await writeAll(handle, [bytes]);
      },
    });
    if (live === undefined) throw missing(place);
    return { live, lockedMs: Math.ceil(lockedMs) };
  } finally {
    await handle?.close();
  }
}

/** What the live file is now, without reading it. */
export async function lookAtDatabase(place: DatabaseInVolume): Promise<SentFile> {
  let live: SentFile | undefined;
  const ignore = async (): Promise<void> => await Promise.resolve();
  const begin = async (sent: SentFile): Promise<void> => {
    live = sent;
    await ignore();
  };
  await run(place, ['look', place.path], { begin, data: ignore });
  if (live === undefined) throw missing(place);
  return live;
}

async function run(
  place: DatabaseInVolume,
  args: readonly string[],
  taker: Parameters<typeof readFrames>[1],
): Promise<SentEnd> {
  const { engine, target, signal } = place;
  await using helpers = new VolumeHelpers(engine);
  await using access = await helpers.open(target, signal);
  await using process = await access.start(sqliteHelperCommand(...args), signal);
  process.stdin.end();
  const end = await readFrames(process.stdout, taker);
  const code = await process.exitCode();
  if (end !== undefined && code === 0) return end;
  if (code === missingCode) throw missing(place);
  const said = process.stderrText().trim().split('\n').at(-1)?.slice(0, 200) ?? '';
  const why = said === '' ? 'it did not say why' : said;
  if (busyCodes.includes(code)) {
    const message = `The database in ${access.place} could not be copied: ${why}. Try again when Trinity has less to do.`;
    throw new AppError('busy', message);
  }
  throw new AppError(
    'failed',
    `A helper container could not read the database in ${access.place} (${why}). Run the backup again.`,
  );
}

function missing({ target, path }: DatabaseInVolume): AppError {
  const message = `The database ${path} is not in ${placeText(target)}. Check TRINITY_DB_PATH in .env, or restore it from a backup.`;
  return new AppError('unavailable', message);
}
