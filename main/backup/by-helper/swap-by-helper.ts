import { z } from 'zod';
import { openDockerEngine } from '../../trinity/docker/docker-engine.ts';
import { VolumeHelpers } from '../../trinity/helper/volume-helpers.ts';
import type { WritingHelper } from '../../trinity/helper/writing-helper.ts';
import type { Journal, JournalHelperSwap } from '../restore/swap/journal-model.ts';
import type { OpenJournal } from '../restore/swap/journal.ts';
import type { SwapHooks } from '../restore/swap/swap-run.ts';
import type { StagedByHelper } from './stage-by-helper.ts';

type HelperSwaps = Pick<Journal, 'helperSwaps'>;

/** Places at a time, where order does not matter. */
const atOnce = 4;
/** Copying, and removing what was parked, may take long; an engine that does not answer must not hold up an undo for ever. */
const limitMs = 3 * 3_600_000;
const nothing = z.object({});

/**
 * Brings everything that is staged beside what is live, in the live place itself, where renames reach it: after this a swap takes moments.
 * Nobody may run there. Resolves with the number of live paths that will stay.
 */
export async function prepareByHelper(
  journal: OpenJournal,
  staged: readonly StagedByHelper[],
  signal: AbortSignal,
): Promise<number> {
  if (staged.length === 0) return 0;
  await mark(journal, 'ready');
  const works = new Map(staged.map((one) => [one.work, one]));
  let kept = 0;
  const act: Act = async (helper, { work }, { live, stage }) => {
    const one = works.get(work);
    if (one === undefined) throw new Error(`Nothing is staged for ${work}.`);
    const answer = z.object({ kept: z.number().int().nonnegative() });
    kept += (await helper.ask(['prepare', live, stage], { input: questionOf(one), answer }, signal)).kept;
  };
  await eachPlace(journal.content.helperSwaps, { signal, act, atOnce, withStage: true });
  return kept;
}

/** Swaps every place by the plan that lies in it. */
export async function swapByHelper(content: HelperSwaps, hooks: SwapHooks): Promise<void> {
  const signal = AbortSignal.timeout(limitMs);
  const act: Act = async (helper, { work }, { live }) => {
    await hooks.beforeStep?.(
      `helper-${String(content.helperSwaps.findIndex((entry) => entry.work === work))}`,
    );
    await helper.ask(['swap', live, work], { answer: nothing }, signal);
  };
  await eachPlace(content.helperSwaps, { signal, act });
}

/** Takes back what the places show to be done, in any state, as often as it is called. Returns what it had to set aside. */
export async function undoByHelper({ helperSwaps }: HelperSwaps): Promise<readonly string[]> {
  const signal = AbortSignal.timeout(limitMs);
  const aside: string[] = [];
  const touched = helperSwaps.filter(({ state }) => state === 'ready');
  const act: Act = async (helper, { work, source }, { live }) => {
    const answer = z.object({ aside: z.array(z.string()) });
    const found = await helper.ask(['undo', live, work], { answer }, signal);
    aside.push(...found.aside.map((path) => `${path} in ${source}`));
  };
  await eachPlace(touched.toReversed(), { signal, act, mayBeGone: true });
  return aside;
}

/** Our folders go from the live places, with what was parked there: nothing of ours is there when somebody starts. */
export async function clearByHelper(journal: OpenJournal, when: 'before' | 'after'): Promise<void> {
  const touched = journal.content.helperSwaps.filter(({ state }) => state === 'ready');
  if (touched.length === 0) return;
  const signal = AbortSignal.timeout(limitMs);
  const act: Act = async (helper, { work }, { live }) => {
    await helper.ask(['clear', live, work, when], { answer: nothing }, signal);
  };
  await eachPlace(touched, { signal, act, atOnce, mayBeGone: true });
  await mark(journal, 'cleared');
}

/** The volumes that things were staged in go. */
export async function dropStages({ helperSwaps }: HelperSwaps): Promise<void> {
  for (const [stage, { host }] of new Map(helperSwaps.map((entry) => [entry.stage, entry]))) {
    const signal = AbortSignal.timeout(limitMs);
    await using helpers = new VolumeHelpers({ host });
    // A helper of a run that was killed may still mount it.
    await helpers.sweep(signal);
    await (await openDockerEngine(host)).removeVolume(stage, signal);
  }
}

/** Whether a volume that was made for a restore holds nothing. */
export async function isEmptyByHelper(host: string, volume: string): Promise<boolean> {
  const signal = AbortSignal.timeout(limitMs);
  await using helpers = new VolumeHelpers({ host });
  const stage = { kind: 'volume', source: volume, containers: [] } as const;
  await using helper = await helpers.openToWrite([{ target: stage, at: '/stage' }], signal);
  const answer = z.object({ isEmpty: z.boolean() });
  return (await helper.ask(['empty', '/stage'], { answer }, signal)).isEmpty;
}

/** Where a helper has what is staged for a place. */
export function stageFolderOf({ work }: Pick<JournalHelperSwap, 'work'>): `/stage/${string}` {
  return `/stage/${work}`;
}

async function mark(journal: OpenJournal, state: JournalHelperSwap['state']): Promise<void> {
  await journal.update({ helperSwaps: journal.content.helperSwaps.map((entry) => ({ ...entry, state })) });
}

function questionOf({ work, paths, keep }: StagedByHelper): Readonly<Record<string, unknown>> {
  const exclude = keep?.exclude.map((pattern) => pattern) ?? null;
  return {
    work,
    paths: paths?.map((path) => path.toString('latin1')) ?? null,
    exclude,
    unread: keep === undefined ? [] : (keep.unread?.map((path) => path.toString('latin1')) ?? null),
  };
}

type Act = (helper: WritingHelper, entry: JournalHelperSwap, places: Places) => Promise<void>;

/** Where a helper has what is live, and what is staged for it. */
type Places = Readonly<{ live: string; stage: string }>;

type Work = Readonly<{
  signal: AbortSignal;
  act: Act;
  /** Places are worked on side by side, several parts of one place one after the other. */
  atOnce?: number;
  /** The volume of ours is needed too. */
  withStage?: boolean;
  /** Of a volume that somebody has removed nothing is left to be put in order. */
  mayBeGone?: boolean;
}>;

/** Lets one helper that has all the places do something to each, in order. */
async function eachPlace(entries: readonly JournalHelperSwap[], work: Work): Promise<void> {
  for (const [host, all] of Map.groupBy(entries, (entry) => entry.host)) {
    const there = work.mayBeGone === true ? await present(all, work.signal) : all;
    const [first, ...more] = there.map((entry, index) => ({
      target: { kind: entry.kind, source: entry.source, containers: [] },
      at: `/live/${String(index)}` as const,
    }));
    if (first === undefined) continue;
    const stages = work.withStage === true ? new Set(there.map(({ stage }) => stage)) : [];
    const ours = [...stages].map((source) => ({
      target: { kind: 'volume', source, containers: [] } as const,
      at: '/stage' as const,
    }));
    await using helpers = new VolumeHelpers({ host });
    await using helper = await helpers.openToWrite([first, ...more, ...ours], work.signal);
    await actOn(there, helper, work);
  }
}

async function actOn(
  entries: readonly JournalHelperSwap[],
  helper: WritingHelper,
  work: Work,
): Promise<void> {
  const numbered = entries.map((entry, index) => ({ entry, live: `/live/${String(index)}` }));
  const waiting = [...Map.groupBy(numbered, ({ entry }) => `${entry.kind} ${entry.source}`).values()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      for (const { entry, live } of next)
        await work.act(helper, entry, { live, stage: stageFolderOf(entry) });
  };
  // All come to their end, also when one fails: nothing goes on behind the back of who puts things right.
  const ended = await Promise.allSettled(Array.from({ length: work.atOnce ?? 1 }, worker));
  const failed = ended.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function present(
  entries: readonly JournalHelperSwap[],
  signal: AbortSignal,
): Promise<readonly JournalHelperSwap[]> {
  const found: JournalHelperSwap[] = [];
  for (const entry of entries) if (!(await isGone(entry, signal))) found.push(entry);
  return found;
}

async function isGone({ host, kind, source }: JournalHelperSwap, signal: AbortSignal): Promise<boolean> {
  if (kind === 'bind') return false;
  return (await (await openDockerEngine(host)).inspectVolume(source, signal)) === undefined;
}
