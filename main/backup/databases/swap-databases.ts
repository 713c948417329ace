import { AppError } from '../../../shared/lib/app-error.ts';
import { openPostgres, type PostgresServer } from '../../trinity/postgres/postgres-server.ts';
import {
  dropDatabase,
  endSessions,
  listDatabases,
  renameDatabases,
  sessionsOf,
  type DatabaseIdentity,
} from '../../trinity/postgres/restore-database.ts';
import type { Journal, JournalDatabase } from '../restore/swap/journal-model.ts';
import type { SwapHooks } from '../restore/swap/swap-run.ts';

type Databases = Pick<Journal, 'databases' | 'restoreId'>;

/** A rename of databases is done in moments; a server that does not answer must not hold up an undo for ever. */
const limitMs = 300_000;

/** Each live database is parked and the staged one gets its name, both in one transaction. Refused while anybody is connected. */
export async function swapDatabases({ databases }: Databases, hooks: SwapHooks): Promise<void> {
  for (const entry of databases) {
    await hooks.beforeStep?.('database');
    const [server, signal] = await open(entry);
    const { live, staged, parked, liveOid, stagedOid } = entry;
    const found = namesOf(await listDatabases(server, signal));
    if (
      stagedOid === undefined ||
      found.get(stagedOid) !== staged ||
      found.get(liveOid ?? -1) !== nameOrNone(entry)
    )
      throw new AppError('failed', 'Databases were renamed or removed during the restore. Try again.');
    await requireUnused(server, live, signal);
    const park = liveOid === undefined ? [] : [{ from: live, to: parked }];
    await renameDatabases(server, [...park, { from: staged, to: live }], signal);
    await hooks.beforeStep?.('database-swapped');
  }
}

function nameOrNone({ live, liveOid }: JournalDatabase): string | undefined {
  return liveOid === undefined ? undefined : live;
}

/** Gives every database its former name, in any state, as often as it is called. Returns what it had to set aside. */
export async function undoDatabases({ databases, restoreId }: Databases): Promise<readonly string[]> {
  const aside: string[] = [];
  for (const entry of databases) {
    const { live, staged, parked, liveOid, stagedOid } = entry;
    if (stagedOid === undefined) continue;
    const [server, signal] = await open(entry);
    const found = namesOf(await listDatabases(server, signal));
    const renames: { from: string; to: string }[] = [];
    const isParked = liveOid !== undefined && found.get(liveOid) === parked;
    if (found.get(stagedOid) === live) renames.push({ from: live, to: staged });
    else if (isParked && [...found.values()].includes(live)) {
      renames.push({ from: live, to: `trinity_found_${restoreId}` });
      aside.push(`the database trinity_found_${restoreId}`);
    }
    if (isParked) renames.push({ from: parked, to: live });
    if (renames.length === 0) continue;
    for (const { from } of renames) await endSessions(server, from, signal);
    await renameDatabases(server, renames, signal);
  }
  return aside;
}

/** Nothing was swapped, or all was undone: what was made for the restore goes. */
export async function dropStaged({ databases }: Databases): Promise<void> {
  for (const entry of databases) {
    const [server, signal] = await open(entry);
    await dropDatabase(server, entry.staged, signal);
  }
}

/** After the commit: the former databases go. Only ones whose place another has taken. */
export async function dropParked({ databases }: Databases, hooks: SwapHooks): Promise<void> {
  for (const entry of databases) {
    await hooks.beforeStep?.(`drop ${entry.parked}`);
    const [server, signal] = await open(entry);
    const found = namesOf(await listDatabases(server, signal));
    if (entry.liveOid === undefined || found.get(entry.liveOid) !== entry.parked) continue;
    if (![...found.values()].includes(entry.live))
      throw new AppError(
        'failed',
        `The database ${entry.live} is gone; what it was before is ${entry.parked}.`,
      );
    await dropDatabase(server, entry.parked, signal);
  }
}

async function open(entry: JournalDatabase): Promise<[PostgresServer, AbortSignal]> {
  const signal = AbortSignal.timeout(limitMs);
  const { host, container, port, user } = entry;
  return [await openPostgres({ host, container, port, user }, signal), signal];
}

function namesOf(databases: readonly DatabaseIdentity[]): ReadonlyMap<number, string> {
  return new Map(databases.map(({ oid, name }) => [oid, name]));
}

/** What they wrote until now would be lost, and they would go on with the parked one. */
async function requireUnused(server: PostgresServer, live: string, signal: AbortSignal): Promise<void> {
  const [session] = await sessionsOf(server, live, signal);
  if (session === undefined) return;
  throw new AppError(
    'refused',
    `The database is in use by ${session}. Stop Trinity with "docker compose stop backend scheduler", then restore again.`,
  );
}
