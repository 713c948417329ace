import type { Run } from '../../../shared/model/history.ts';
import type { RestoreSpeed } from '../../backup/restore/plan/plan-stops.ts';
import type { Engine } from '../engine.ts';
import { drillSpeed } from './drill-runs.ts';

const rememberedRestores = 20;
/** Of less data little more than the beginning and the end of a restore was timed. */
const leastBytes = 10_000_000;

/** By earlier restores, and before the first of some size by rehearsals. */
export async function restoreSpeed(engine: Engine): Promise<RestoreSpeed> {
  const runs = (await engine.catalog())
    .runs(rememberedRestores, 'restore')
    .filter(({ outcome }) => outcome === 'succeeded' || outcome === 'incomplete');
  return {
    bytesPerMs: speedOf(runs) ?? (await drillSpeed(engine)),
    stoppedMs: runs.map(({ frozenMs }) => frozenMs).filter((each) => each > 0),
  };
}

type Timed = Pick<Run, 'bytes' | 'startedMs' | 'finishedMs' | 'frozenMs'>;

/** Bytes in a ms of the restores that had enough to write; undefined without one. */
export function speedOf(runs: readonly Timed[]): number | undefined {
  const timed = runs.filter(({ bytes }) => bytes >= leastBytes);
  const bytes = timed.reduce((sum, run) => sum + run.bytes, 0);
  const ms = timed.reduce((sum, run) => sum + run.finishedMs - run.startedMs - run.frozenMs, 0);
  return ms > 0 ? bytes / ms : undefined;
}
