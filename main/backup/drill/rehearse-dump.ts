import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError, type ErrorKind, messageOf } from '../../../shared/lib/app-error.ts';
import { sizeText } from '../../../shared/lib/size-text.ts';
import { dumpName } from '../../components/database-copy.ts';
import { postgresPlace } from '../../trinity/postgres/place-of-install.ts';
import { openPostgres, type PostgresServer } from '../../trinity/postgres/postgres-server.ts';
import { readArchive } from '../../trinity/postgres/read-archive.ts';
import { createDatabase, loadArchive, requireVersion } from '../../trinity/postgres/restore-database.ts';
import { freeSpaceOf, sizeOfDatabase } from '../../trinity/postgres/server-space.ts';
import { clearLeftovers, dropRehearsed } from '../leftovers/clear-leftovers.ts';
import { LeftoverJournal } from '../leftovers/leftover-journal.ts';
import type { ServiceContext } from '../services.ts';

/** Called before each step; a test dies there. */
export type DumpHooks = Readonly<{ beforeStep?: (step: 'load' | 'drop') => Promise<void> | void }>;

/** Its log of changes and what others write meanwhile: a server whose disk is full ends, and Trinity with it. */
const spareBytes = 1024 ** 3;
/** Say nothing of the dump, only of the server. */
const ofServer: readonly ErrorKind[] = ['unavailable', 'busy', 'refused', 'not-found'];

/**
 * Loads the dump in `folder` into a new database of the install's own server, compares the rows of every table with those of the backup,
 * and drops it again, also after a kill. Resolves with why that could not be tried, undefined when all came back. Rejects when the
 * dump does not load, or not whole.
 */
export async function rehearseDump(
  context: Pick<ServiceContext, 'home' | 'readInstall'>,
  folder: string,
  signal: AbortSignal,
  hooks: DumpHooks = {},
): Promise<string | undefined> {
  try {
    return await loadOnce(context, path.join(folder, dumpName), { signal, hooks });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError && ofServer.includes(error.kind))) throw error;
    return notTried(error.message);
  }
}

type LoadOptions = Readonly<{ signal: AbortSignal; hooks: DumpHooks }>;

async function loadOnce(
  { home, readInstall }: Pick<ServiceContext, 'home' | 'readInstall'>,
  file: string,
  { signal, hooks }: LoadOptions,
): Promise<string | undefined> {
  const install = await readInstall();
  if (install.database.kind !== 'postgres') return notTried('Trinity is set to SQLite here.');
  const { database, ...place } = postgresPlace(install);
  const server = await openPostgres(place, signal);
  // What an earlier rehearsal could not remove takes room.
  await clearLeftovers(home);
  const shortage = await shortageOf(server, { file, database, signal });
  if (shortage !== undefined) return notTried(shortage);
  const archive = await readArchive(file, { signal });
  await requireVersion(server, archive, signal);
  const id = randomBytes(6).toString('hex');
  const name = `trinity_drill_${id}`;
  await using journal = await LeftoverJournal.begin(home, id, { databases: [{ ...place, name }] });
  let problem: unknown;
  try {
    await createDatabase(server, name, signal);
    await hooks.beforeStep?.('load');
    await loadArchive(server, { name, file, archive }, signal);
    await hooks.beforeStep?.('drop');
  } catch (error) {
    problem = error;
  }
  await dropNow(journal, name);
  if (problem === undefined) return undefined;
  // Whether the dump or the server was to blame: one that is gone says so now.
  await openPostgres(place, signal);
  throw problem;
}

/** What cannot be removed now stays in the journal, for the next rehearsal or start. */
async function dropNow(journal: LeftoverJournal, name: string): Promise<void> {
  const [left] = journal.content.databases;
  if (left === undefined) return;
  try {
    await dropRehearsed(left, name);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return;
  }
  await journal.remove();
}

async function shortageOf(
  server: PostgresServer,
  { file, database, signal }: Readonly<{ file: string; database: string; signal: AbortSignal }>,
): Promise<string | undefined> {
  let free: number | undefined;
  try {
    free = await freeSpaceOf(server, signal);
  } catch (error) {
    if (!(error instanceof AppError && error.kind === 'failed')) throw error;
    return `How much room its server has could not be told: ${messageOf(error)}`;
  }
  if (free === undefined) return 'How much room its server has could not be told.';
  const { size } = await stat(file);
  // Once as a database with its indexes, once in the log of what is written.
  const needed = 2 * Math.max(size, await sizeOfDatabase(server, database, signal)) + spareBytes;
  if (free >= needed) return undefined;
  return `It needs ${sizeText(needed)} on the disk of the database server, and ${sizeText(free)} are free.`;
}

function notTried(why: string): string {
  return `The dump was read to its end and holds every row, but was not loaded: ${why}`;
}
