import type { RunSource } from '../../../shared/model/history.ts';
import { countOf, sizeText } from '../../../shared/lib/size-text.ts';
import { durationText } from '../../../shared/lib/time-text.ts';
import { drill, type DrillOutcome, rehearse } from '../../backup/drill/drill.ts';
import { type DrillPlan, planDrill, type PlannedDrill } from '../../backup/drill/plan-drill.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Engine } from '../engine.ts';
import type { RunResult } from '../events/watch-run.ts';
import type { OperationOptions } from '../operation.ts';
import { type Recorded, recordEvent, recordRun } from '../record-run.ts';

const rememberedDrills = 50;

/** Rehearses what somebody asked for, all of it, rather from a copy, and records how it went. */
export async function rehearseByHand(
  engine: Engine,
  { backupId, from }: Readonly<{ backupId: string | undefined; from: string | undefined }>,
  options: OperationOptions,
): Promise<DrillOutcome> {
  const context = await engine.services(from === undefined ? undefined : await engine.copies.open(from));
  const request = backupId === undefined ? {} : { backupId };
  const run = async (watched: OperationOptions): Promise<DrillOutcome> =>
    await drill(context, request, watched);
  return await recordRun(
    engine,
    'drill',
    async () => await engine.watched({ what: 'drill' }, options, run, endOf),
    { done: recordedDrill },
  );
}

/** Rehearses what is due by the schedule, as far as it fits; says first what that is. */
export async function rehearseDue(engine: Engine, options: OperationOptions): Promise<DrillOutcome> {
  const context = await engine.services();
  const run = async (watched: OperationOptions): Promise<DrillOutcome> => {
    const planned = await planDrill(
      context,
      { isScheduled: true, bytesPerMs: await drillSpeed(engine) },
      watched,
    );
    const words = `A rehearsal begins: ${planText(planned.plan)}`;
    await recordEvent(engine, { severity: 'info', code: 'drill-planned', words });
    return await rehearse(context, planned, watched);
  };
  return await recordRun(
    engine,
    'drill',
    async () => await engine.watched({ what: 'drill' }, options, run, endOf),
    { trigger: 'scheduled', done: recordedDrill },
  );
}

/** Rehearses what a part of a plan names, and records how it went. */
export async function rehearsePart(
  engine: Engine,
  planned: PlannedDrill,
  options: OperationOptions,
): Promise<DrillOutcome> {
  const context = await engine.services();
  const run = async (watched: OperationOptions): Promise<DrillOutcome> =>
    await rehearse(context, planned, watched);
  return await recordRun(
    engine,
    'drill',
    async () => await engine.watched({ what: 'drill' }, options, run, endOf),
    { done: recordedDrill },
  );
}

/** What a rehearsal restores, and what that takes. */
export function planText(plan: DrillPlan): string {
  const { sources, bytes, largestBytes, freeBytes, downloadBytes, estimatedMs } = plan;
  const parts = [
    `${countOf(sources.length, 'source')}, ${sizeText(bytes)} to restore and throw away again`,
    estimatedMs === null ? 'how long it takes is not known yet' : `about ${durationText(estimatedMs)}`,
    ...(downloadBytes > 0 ? [`${sizeText(downloadBytes)} to fetch`] : []),
    `at most ${sizeText(largestBytes)} at once, where ${sizeText(freeBytes)} are free`,
  ];
  return `${parts.join('; ')}.`;
}

/** By earlier rehearsals, bytes in a ms; undefined before the first. */
export async function drillSpeed(engine: Engine): Promise<number | undefined> {
  const runs = (await engine.catalog()).runs(rememberedDrills, 'drill');
  const timed = runs.filter(({ bytes, startedMs, finishedMs }) => bytes > 0 && finishedMs > startedMs);
  const bytes = timed.reduce((sum, run) => sum + run.bytes, 0);
  const ms = timed.reduce((sum, run) => sum + run.finishedMs - run.startedMs, 0);
  return ms === 0 ? undefined : bytes / ms;
}

/** Sources whose last rehearsal failed, and why; rehearsals of other sources since say nothing of them. */
export function failedRehearsals(
  catalog: Catalog,
): Readonly<{ sources: readonly string[]; message: string | undefined }> {
  const known = new Set<string>();
  const failed: RunSource[] = [];
  for (const { id } of catalog.runs(rememberedDrills, 'drill')) {
    const sources = catalog.run(id)?.sources ?? [];
    for (const source of sources) {
      if (source.outcome === 'skipped' || known.has(source.source)) continue;
      known.add(source.source);
      if (source.outcome === 'failed') failed.push(source);
    }
  }
  return { sources: failed.map(({ source }) => source), message: failed[0]?.message };
}

/** How it ended, for whoever watches. */
function endOf(outcome: DrillOutcome): RunResult {
  const { outcome: ended, message } = recordedDrill(outcome);
  const { backupId } = outcome;
  return { outcome: ended, backupId, ...(message === undefined ? {} : { message }) };
}

function recordedDrill(outcome: DrillOutcome): Recorded {
  const { ok, backupId, proven, failed, skipped, restoredBytes } = outcome;
  const isSkipped = proven.length === 0 && failed.length === 0;
  const why = failed[0] ?? (isSkipped ? skipped[0] : undefined);
  // What was restored and proves nothing all the same waits for something that was not there.
  const skipReason = restoredBytes === 0 ? 'too-large' : 'waiting';
  return {
    outcome: isSkipped ? 'skipped' : ok ? 'succeeded' : 'failed',
    ...(isSkipped ? { skipReason } : {}),
    backupId,
    bytes: restoredBytes,
    failedSources: failed.map(({ source }) => source),
    ...(why === undefined ? {} : { message: why.message }),
    sources: [
      ...proven.map((source) => rehearsed(source, 'succeeded')),
      ...skipped.map(({ source, message }) => rehearsed(source, 'skipped', message)),
      ...failed.map(({ source, message }) => rehearsed(source, 'failed', message)),
    ],
  };
}

function rehearsed(source: string, outcome: RunSource['outcome'], message?: string): RunSource {
  const sizes = { files: 0, bytes: 0, bytesAdded: 0, bytesStored: 0, frozenMs: 0, lockedMs: 0, warnings: 0 };
  return { source, agents: [], outcome, ...sizes, ...(message === undefined ? {} : { message }) };
}
