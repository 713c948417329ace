import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { openPostgres } from '../../trinity/postgres/postgres-server.ts';
import { dropDatabase } from '../../trinity/postgres/restore-database.ts';
import { type LeftAgent, type LeftDatabase, LeftoverJournal, listLeftovers } from './leftover-journal.ts';
import { takeBackAgents } from './take-back-agents.ts';

/** What became of one list of leftovers. `failed`: the next start tries again. */
export type ClearedLeftovers = Readonly<{ result: 'cleared' | 'failed'; message: string }>;

/** A server that does not answer must not hold up a start for ever. */
const limitMs = 300_000;

/**
 * Clears away what dead runs of a home left on servers and in Trinity; what living ones hold is let alone. To be called when containers
 * are back. Never rejects for one of them: it is told, and stays for the next time.
 */
export async function clearLeftovers(home: string): Promise<readonly ClearedLeftovers[]> {
  const cleared: ClearedLeftovers[] = [];
  for (const name of await listLeftovers(home)) {
    try {
      await using journal = await LeftoverJournal.takeOver(home, name);
      if (journal === undefined) continue;
      cleared.push(await clear(journal));
    } catch (error) {
      cleared.push({ result: 'failed', message: messageOf(error) });
    }
  }
  return cleared;
}

async function clear(journal: LeftoverJournal): Promise<ClearedLeftovers> {
  const { databases, agents } = journal.content;
  for (const database of databases) await dropLeft(database);
  await takeBackLeft(agents);
  await journal.remove();
  const parts = [
    ...(databases.length === 0 ? [] : ['the database of a rehearsal that was cut off is gone']),
    ...(agents.length === 0
      ? []
      : [`${namesOf(agents)}, made for a restore that was undone, is deleted again`]),
  ];
  return { result: 'cleared', message: `Leftovers were cleared away: ${parts.join('; ')}.` };
}

async function dropLeft({ name, ...place }: LeftDatabase): Promise<void> {
  try {
    await dropRehearsed(place, name);
  } catch (error) {
    const message = `The database ${name} of a rehearsal could not be removed yet: ${messageOf(error)}`;
    throw new AppError('failed', message, { cause: error });
  }
}

/** Removes a database that was made for a rehearsal. */
export async function dropRehearsed(place: Omit<LeftDatabase, 'name'>, name: string): Promise<void> {
  const signal = AbortSignal.timeout(limitMs);
  await dropDatabase(await openPostgres(place, signal), name, signal);
}

async function takeBackLeft(agents: readonly LeftAgent[]): Promise<void> {
  if (agents.length === 0) return;
  try {
    await takeBackAgents(agents, AbortSignal.timeout(limitMs));
  } catch (error) {
    const message = `${namesOf(agents)}, made in Trinity for a restore that did not come about, is still there: ${messageOf(error)} Delete it in Trinity, or run recover.`;
    throw new AppError('failed', message, { cause: error });
  }
}

function namesOf(agents: readonly LeftAgent[]): string {
  return `${agents.length === 1 ? 'the agent' : 'agents'} ${agents.map(({ name }) => name).join(', ')}`;
}
