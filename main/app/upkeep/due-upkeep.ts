export type UpkeepTask = 'sample' | 'drill';

/** Times in ms since 1970; undefined: never. */
export type UpkeepFacts = Readonly<{
  nowMs: number;
  /** When a sample of the data was last read. */
  lastSampleMs: number | undefined;
  /** The last rehearsal that was tried. */
  lastDrill: Readonly<{ atMs: number; isDone: boolean }> | undefined;
  /** Shortly before the oldest proof is too old; `-Infinity` where a source has none. */
  proofsDueMs: number;
  /** How long before, and at least between two rehearsals for the sake of proofs. */
  proofMarginMs: number;
  /** Undefined: nothing is rehearsed by the schedule. */
  everyDays: number | undefined;
}>;

export type DueTask = Readonly<{ task: UpkeepTask; atMs: number }>;

const dayMs = 24 * 3_600_000;

/** What is due first and when; the past where it is due now. */
export function nextUpkeep(facts: UpkeepFacts): DueTask {
  const sample: DueTask = { task: 'sample', atMs: after(facts.lastSampleMs, dayMs, facts.nowMs) };
  if (facts.everyDays === undefined) return sample;
  const drill: DueTask = { task: 'drill', atMs: drillAt(facts, facts.everyDays) };
  return drill.atMs <= sample.atMs ? drill : sample;
}

/** What did not come about is tried again after a day. */
function drillAt({ lastDrill, proofsDueMs, proofMarginMs, nowMs }: UpkeepFacts, everyDays: number): number {
  if (lastDrill === undefined) return nowMs;
  const regular = after(lastDrill.atMs, (lastDrill.isDone ? everyDays : 1) * dayMs, nowMs);
  return Math.min(regular, Math.max(proofsDueMs, after(lastDrill.atMs, proofMarginMs, nowMs)));
}

/** A last time that lies in the future, since the clock was set back, counts as now. */
function after(lastMs: number | undefined, intervalMs: number, nowMs: number): number {
  return lastMs === undefined ? nowMs : Math.min(lastMs, nowMs) + intervalMs;
}
