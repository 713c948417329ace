import type { Catalog } from '../../catalog/catalog.ts';
import type { SourceRun } from '../../catalog/source-table.ts';

const dayMs = 24 * 3_600_000;
const rememberedDays = 366;
/** An agent that was in no backup for so long before the newest one is history. */
const recentDays = 7;

export type RememberedAgent = Readonly<{ agent: string; lastBackupAt: string | null; bytes: number }>;

/**
 * The agents of recent backups, with the oldest of the last good copies of their volumes, by the history alone: a vault that is away
 * must not make a program blind that watches their age.
 */
export function rememberedAgents(catalog: Catalog, nowMs: number): readonly RememberedAgent[] {
  const sinceMs = nowMs - rememberedDays * dayMs;
  const newest = catalog.newestOfVolumes({ sinceMs, isGood: false });
  const good = new Map(catalog.newestOfVolumes({ sinceMs, isGood: true }).map((each) => [each.source, each]));
  const recentMs = Math.max(...newest.map(({ startedMs }) => startedMs)) - recentDays * dayMs;
  const agents = new Map<string, RememberedAgent>();
  for (const { source, startedMs, agents: names } of newest) {
    if (startedMs < recentMs) continue;
    for (const agent of names) agents.set(agent, withVolume(agents.get(agent), agent, good.get(source)));
  }
  return [...agents.values()];
}

function withVolume(
  known: RememberedAgent | undefined,
  agent: string,
  good: SourceRun | undefined,
): RememberedAgent {
  const at = good === undefined ? null : new Date(good.startedMs).toISOString();
  if (known === undefined) return { agent, lastBackupAt: at, bytes: good?.bytes ?? 0 };
  const isOlder = known.lastBackupAt === null || (at !== null && known.lastBackupAt < at);
  return { agent, lastBackupAt: isOlder ? known.lastBackupAt : at, bytes: known.bytes + (good?.bytes ?? 0) };
}
