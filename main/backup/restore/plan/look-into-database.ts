import { AppError } from '../../../../shared/lib/app-error.ts';
import { compareNames } from '../../../../shared/lib/name-order.ts';
import type { RestorePlan } from '../../../../shared/model/restore-plan.ts';
import { quietDatabase } from '../../../components/quiet-start.ts';
import { readAgents } from '../../../trinity/agents.ts';
import type { TrinityInstall } from '../../../trinity/install.ts';
import { liveAgents, youngerThan } from '../../live/volume-owners.ts';
import type { RestoreRun } from '../restore-run.ts';

const mostNamed = 1000;

export type InsideDatabase = Readonly<{
  younger: RestorePlan['younger'];
  /** Those that are on; null where nobody has looked. */
  schedules: string[] | null;
  waitingRuns: number;
}>;

/** What the database says that would go live, of which `rows` is a copy of our own. */
export async function lookIntoDatabase(
  run: RestoreRun,
  install: TrinityInstall,
  rows: string | undefined,
): Promise<InsideDatabase> {
  const unknown = { younger: { agents: [], volumes: [] }, schedules: null, waitingRuns: 0 };
  if (rows === undefined) return unknown;
  try {
    const restored = readAgents(rows);
    const { volumes, agents } = await youngerThan(run, install, restored);
    const live = (await liveAgents(run, install)) ?? [];
    const names = new Set(restored.map(({ name }) => name));
    const added = live.filter(({ name, deletedAt }) => deletedAt === undefined && !names.has(name));
    const younger = {
      agents: [...new Set([...added.map(({ name }) => name), ...agents])].toSorted(compareNames),
      volumes: [...volumes],
    };
    // It is a copy: what is turned off in it is what would be.
    const { schedules, cancelledRuns } = quietDatabase(rows);
    return {
      younger,
      schedules: schedules.slice(0, mostNamed).map(({ name }) => name),
      waitingRuns: cancelledRuns,
    };
  } catch (error) {
    // A database that was damaged when it was copied is refused when it is staged, or given out as it is.
    if (error instanceof AppError && error.kind === 'damaged') return unknown;
    throw error;
  }
}
