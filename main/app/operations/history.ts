import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import {
  eventFilter,
  type ActivityEvent,
  type Run,
  runFilter,
  type RunSource,
} from '../../../shared/model/history.ts';
import type { SourceRun } from '../../catalog/source-table.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Engine } from '../engine.ts';
import { allRuns } from '../history/all-runs.ts';
import { rebuildHistory } from '../history/rebuild-history.ts';
import { operation } from '../operation.ts';

const dayMs = 24 * 3_600_000;
const page = { limit: z.number().int().min(1).max(1000), before: z.number().int().optional() };

/** A page of runs, newest first; `next` is where the next page begins, null at the end. */
export const history = operation(
  z.strictObject({ ...page, filter: runFilter.prefault({}) }),
  async (
    engine,
    { limit, before, filter },
  ): Promise<Readonly<{ runs: readonly Run[]; next: number | null }>> => {
    const found = (await knownHistory(engine)).history({ limit: limit + 1, before }, filter);
    const runs = found.slice(0, limit);
    return { runs, next: found.length > limit ? (runs.at(-1)?.id ?? null) : null };
  },
);

export type RunDetails = Readonly<{
  run: Run;
  sources: readonly RunSource[];
  events: readonly ActivityEvent[];
}>;

/** One run with what became of its sources, and what was said while it ran. */
export const runDetails = operation(
  z.strictObject({ runId: z.number().int() }),
  async (engine, { runId }): Promise<RunDetails> => {
    const catalog = await knownHistory(engine);
    const found = catalog.run(runId);
    if (found === undefined) throw new AppError('not-found', `There is no run ${runId} in the history.`);
    return { ...found, events: catalog.events({ limit: 1000 }, { runId }) };
  },
);

/** A page of events, newest first. */
export const events = operation(
  z.strictObject({ ...page, filter: eventFilter.prefault({}) }),
  async (
    engine,
    { limit, before, filter },
  ): Promise<Readonly<{ events: readonly ActivityEvent[]; next: number | null }>> => {
    const found = (await engine.catalog()).events({ limit: limit + 1, before }, filter);
    const events = found.slice(0, limit);
    return { events, next: found.length > limit ? (events.at(-1)?.id ?? null) : null };
  },
);

/** What became of every source in the backups of so many days: for each agent's strip of squares and the charts. */
export const coverage = operation(
  z.strictObject({ days: z.number().int().min(1).max(366), withSources: z.boolean() }),
  async (
    engine,
    { days, withSources },
  ): Promise<Readonly<{ sources: readonly SourceRun[]; runs: readonly Run[] }>> => {
    const catalog = await knownHistory(engine);
    const sinceMs = engine.now() - days * dayMs;
    const runs = await allRuns(catalog, { operation: 'backup', sinceMs });
    return {
      sources: withSources ? await sourceRunsSince(catalog, sinceMs, engine.now()) : [],
      runs: runs.filter(({ trigger }) => trigger !== 'pre_migration'),
    };
  },
);

/** Day by day, newest first: ten thousand rows at once would keep all others waiting. */
async function sourceRunsSince(
  catalog: Catalog,
  sinceMs: number,
  nowMs: number,
): Promise<readonly SourceRun[]> {
  const found: SourceRun[] = [];
  // A clock that was wrong may have put runs into times to come.
  for (let untilMs = Infinity, fromMs = nowMs; untilMs > sinceMs; untilMs = fromMs, fromMs -= dayMs) {
    found.push(...catalog.sourceRuns({ fromMs: Math.max(fromMs, sinceMs), untilMs }));
    await nextTurn();
  }
  return found;
}

/** The history, with what the vault tells of a lost one, where it can be opened now. */
async function knownHistory(engine: Engine): Promise<Catalog> {
  const catalog = await engine.catalog();
  const { settings } = await engine.settings.read();
  if (settings.backup.path === undefined) return catalog;
  try {
    await rebuildHistory(catalog, await engine.vault(), settings.install?.installId);
  } catch (error) {
    // A vault that is away or locked tells nothing; what is known here is shown all the same.
    if (!(error instanceof AppError)) throw error;
  }
  return catalog;
}
