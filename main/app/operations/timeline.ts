import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { compareNames } from '../../../shared/lib/name-order.ts';
import { type Run, runOutcome } from '../../../shared/model/history.ts';
import {
  type TimelineFilter,
  timelineFilter,
  type TimelineRow,
  type TimelineSource,
} from '../../../shared/model/timeline.ts';
import type { StoredManifest, UnreadableManifest } from '../../vault/manifests/stored-manifest.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Engine } from '../engine.ts';
import { allRuns } from '../history/all-runs.ts';
import { type Item, itemOfManifest, itemOfRun, rowOf } from '../history/timeline-row.ts';
import { operation } from '../operation.ts';
import { type Marks, readMarks } from './list.ts';

export type Timeline = Readonly<{
  rows: readonly TimelineRow[];
  total: number;
  components: readonly string[];
  agents: readonly string[];
  unreadable: readonly Readonly<{ backupId: string; reason: string }>[];
  source: TimelineSource;
}>;

/** Backups and the runs that made none, newest first; `offset` and `limit` cut a stretch out of what fits. */
export const timeline = operation(
  z.strictObject({
    offset: z.number().int().min(0),
    limit: z.number().int().min(1).max(1000),
    filter: timelineFilter,
  }),
  async (engine, { offset, limit, filter }): Promise<Timeline> => {
    const { manifests, unreadable, marks, source } = await backupsOf(engine, offset > 0);
    const { settings } = await engine.settings.read();
    const items = newestFirst(
      filter.trash ? manifests.filter(isTrashed).map(itemOfManifest) : await liveItems(engine, manifests),
    );
    const fitting = items.filter((item) => fits(item, filter));
    const newestGoodMs = items.find(({ outcome }) => outcome === 'succeeded' || outcome === 'warnings')?.atMs;
    const about = { marks, installId: settings.install?.installId, newestGoodMs };
    return {
      rows: fitting.slice(offset, offset + limit).map((item) => rowOf(item, about)),
      total: fitting.length,
      components: namesOf(items, ({ components }) => components),
      agents: namesOf(items, ({ agents }) => agents),
      unreadable: unreadable
        .filter(({ state }) => (state === 'trashed') === filter.trash)
        .map(({ backupId, reason }) => ({ backupId, reason })),
      source,
    };
  },
);

type Backups = Readonly<{
  manifests: readonly StoredManifest[];
  unreadable: readonly UnreadableManifest[];
  marks: Marks | undefined;
  source: TimelineSource;
}>;

type Memory = Readonly<{ atMs: number; backups: Promise<Backups> }>;

/** Whoever scrolls asks for one stretch after the other, and a bucket is slow to list. */
const rememberedMs = 30_000;
const memories = new WeakMap<Engine, { memory: Memory | undefined }>();

/** What a further stretch is cut from is what the first was, unless something has changed since. */
async function backupsOf(engine: Engine, isFurther: boolean): Promise<Backups> {
  const held = memories.get(engine) ?? watchFor(engine);
  const { memory } = held;
  const age = engine.now() - (memory?.atMs ?? 0);
  if (isFurther && memory !== undefined && age >= 0 && age < rememberedMs) return await memory.backups;
  const backups = readBackups(engine);
  held.memory = { atMs: engine.now(), backups };
  return await backups;
}

function watchFor(engine: Engine): { memory: Memory | undefined } {
  const held: { memory: Memory | undefined } = { memory: undefined };
  memories.set(engine, held);
  for (const name of ['vaultChanged', 'runFinished', 'settingsChanged'] as const)
    engine.events.on(name, () => (held.memory = undefined));
  return held;
}

/** A vault that is away or locked hides its backups; the runs are known all the same. */
async function readBackups(engine: Engine): Promise<Backups> {
  try {
    const { vault, from } = await engine.reading();
    const state = from === null ? ('open' as const) : ('copy' as const);
    return {
      ...(await vault.listManifests()),
      marks: await readMarks(engine, { vault, from }),
      source: { state, copy: from, message: null },
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const source = { state: stateOf(error), copy: null, message: error.message };
    return { manifests: [], unreadable: [], marks: undefined, source };
  }
}

function stateOf({ kind, details }: AppError): TimelineSource['state'] {
  if (kind === 'no-key') return 'locked';
  if (details['absent'] === true || kind === 'unavailable') return 'away';
  return kind === 'not-found' ? 'absent' : 'unusable';
}

/** The live backups, and the runs of which there is none: failed ones, and while the vault hides its backups those that made some. */
async function liveItems(engine: Engine, manifests: readonly StoredManifest[]): Promise<readonly Item[]> {
  const known = new Set(manifests.map(({ manifest }) => manifest.backupId));
  const isHidden = manifests.length === 0;
  const catalog = await engine.catalog();
  // While the vault tells of its backups the good runs, which are nearly all, need not be read.
  const runs = isHidden ? await allRuns(catalog) : await badRuns(catalog);
  const alone = runs.filter(({ outcome, operation: what, backupId }) => {
    if (isGood(outcome)) return isHidden && what === 'backup' && backupId !== undefined;
    return backupId === undefined || what !== 'backup' || !known.has(backupId);
  });
  return [...manifests.filter((stored) => !isTrashed(stored)).map(itemOfManifest), ...alone.map(itemOfRun)];
}

async function badRuns(catalog: Catalog): Promise<readonly Run[]> {
  const outcomes = runOutcome.options.filter((outcome) => !isGood(outcome));
  return (await Promise.all(outcomes.map(async (outcome) => await allRuns(catalog, { outcome })))).flat();
}

function isGood(outcome: Run['outcome']): boolean {
  return outcome === 'succeeded' || outcome === 'incomplete';
}

function isTrashed({ state }: StoredManifest): boolean {
  return state === 'trashed';
}

function newestFirst(items: readonly Item[]): readonly Item[] {
  return items.toSorted((one, other) => other.atMs - one.atMs || (one.key < other.key ? 1 : -1));
}

function fits(item: Item, { component, agent, trigger, outcome }: TimelineFilter): boolean {
  return (
    (component === undefined || concerns(item, item.components, component)) &&
    (agent === undefined || concerns(item, item.agents, agent)) &&
    (trigger === undefined || item.trigger === trigger) &&
    (outcome === undefined || item.outcome === outcome)
  );
}

/** A backup that failed as a whole was to hold everything. */
function concerns({ stored, operation: what }: Item, names: readonly string[], wanted: string): boolean {
  return names.includes(wanted) || (stored === undefined && what === 'backup');
}

function namesOf(items: readonly Item[], names: (item: Item) => readonly string[]): readonly string[] {
  return [...new Set(items.flatMap(names))].toSorted(compareNames);
}
