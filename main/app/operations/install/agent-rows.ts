import { AppError } from '../../../../shared/lib/app-error.ts';
import { openScratch } from '../../../backup/scratch.ts';
import { agentsOfCopy, databaseCopyOf } from '../../../components/database-copy.ts';
import type { AgentRow, TrinityInstall } from '../../../trinity/install.ts';

type Question = Readonly<{ home: string; read: TrinityInstall; signal: AbortSignal }>;

/**
 * The rows of the agents, from a private copy of the database that goes at once; undefined, with a problem, without
 * one.
 */
export async function agentRows(
  { home, read, signal }: Question,
  problems: string[],
): Promise<readonly AgentRow[] | undefined> {
  await using scratch = await openScratch(home);
  try {
    const agents = agentsOfCopy(await databaseCopyOf({ install: read, scratch: scratch.folder, signal }));
    if (agents === undefined)
      problems.push('The database is damaged: agents are found by their volumes only.');
    return agents;
  } catch (error) {
    if (!(error instanceof AppError) || signal.aborted) throw error;
    if (!problems.includes(error.message)) problems.push(error.message);
    return undefined;
  }
}
