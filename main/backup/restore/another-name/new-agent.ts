import { AppError, messageOf } from '../../../../shared/lib/app-error.ts';
import { changeRows } from '../../../components/live-database.ts';
import type { OpenJournal } from '../swap/journal.ts';
import type { Journal, JournalNewAgent } from '../swap/journal-model.ts';
import type { SwapHooks } from '../swap/swap-run.ts';
import { removeRow, reserveRow, revealRow, type RowTemplate } from './agent-row.ts';

/** Trinity waits for a lock itself; a server that does not answer must not hold up a start for ever. */
const limitMs = 120_000;

/** Puts the row of a new agent, hidden, into the live database; the journal knows it before it is there. */
export async function reserveAgent(
  journal: OpenJournal,
  agent: JournalNewAgent,
  template: RowTemplate,
  signal: AbortSignal,
): Promise<void> {
  await journal.update({ newAgent: agent });
  const [added] = await changeRows(agent.database, [reserveRow(agent, template)], signal);
  if (added === 1) return;
  throw new AppError('failed', "Trinity's agents have just changed. Try again.");
}

/** After the commit, and when nothing of ours is in its volumes any more: Trinity has the agent. As often as it is called. */
export async function revealAgent({ newAgent }: Pick<Journal, 'newAgent'>, hooks: SwapHooks): Promise<void> {
  if (newAgent === undefined) return;
  await hooks.beforeStep?.('show');
  const { name, database } = newAgent;
  try {
    await changeRows(database, [revealRow(newAgent)], AbortSignal.timeout(limitMs));
  } catch (error) {
    const message = `Trinity does not show the agent ${name} yet: ${messageOf(error)}`;
    throw new AppError('failed', message, { cause: error });
  }
}

/** The restore did not come about: nothing of the agent is left in the database. */
export async function removeReserved({ newAgent }: Pick<Journal, 'newAgent'>): Promise<void> {
  if (newAgent === undefined) return;
  await changeRows(newAgent.database, [removeRow(newAgent)], AbortSignal.timeout(limitMs));
}
