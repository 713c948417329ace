import type { Run } from '../../../shared/model/history.ts';
import type { StatusAction } from '../../../shared/model/status.ts';
import type { TimelineRow } from '../../../shared/model/timeline.ts';
import type { StoredManifest } from '../../vault/manifests/stored-manifest.ts';
import { listed, type Marks } from '../operations/list.ts';
import { backUpNow, mendingAction } from '../status/actions.ts';

/** As much of a row as filters look at: it is made of ten thousand backups, of which a hundred are shown. */
export type Item = Pick<
  TimelineRow,
  'key' | 'atMs' | 'operation' | 'trigger' | 'outcome' | 'components' | 'agents'
> &
  Readonly<{ stored?: StoredManifest; run?: Run }>;

const items = new WeakMap<StoredManifest, Item>();

/** Made once of each: a vault remembers manifests that stay the same. */
export function itemOfManifest(stored: StoredManifest): Item {
  const item = items.get(stored) ?? newItem(stored);
  items.set(stored, item);
  return item;
}

function newItem(stored: StoredManifest): Item {
  const { backupId, timestamp, trigger, sources, warnings } = stored.manifest;
  const complete = sources.filter(({ state }) => state === 'complete');
  const isWhole = complete.length === sources.length;
  return {
    key: backupId,
    atMs: Date.parse(timestamp),
    operation: 'backup',
    trigger,
    outcome: isWhole ? (warnings.length > 0 ? 'warnings' : 'succeeded') : 'incomplete',
    components: [...new Set(complete.map(({ component }) => component))],
    agents: [...new Set(complete.flatMap(({ agents }) => agents))],
    stored,
  };
}

export function itemOfRun(run: Run): Item {
  const { id, operation, startedMs, trigger = null, outcome, warnings } = run;
  return {
    key: `run:${String(id)}`,
    atMs: startedMs,
    operation,
    trigger,
    outcome: outcome === 'succeeded' && warnings > 0 ? 'warnings' : outcome,
    components: [],
    agents: [],
    run,
  };
}

export type About = Readonly<{
  marks: Marks | undefined;
  installId: string | undefined;
  /** Of the newest good backup. */
  newestGoodMs: number | undefined;
}>;

export function rowOf(item: Item, about: About): TimelineRow {
  const { stored, run, ...known } = item;
  const base = { ...emptyRow, ...known, components: [...known.components], agents: [...known.agents] };
  if (stored !== undefined && about.marks !== undefined) {
    return { ...base, ...factsOfBackup(stored, about.marks, about.installId) };
  }
  return run === undefined ? base : { ...base, ...factsOfRun(run, about.newestGoodMs) };
}

const emptyRow = {
  durationMs: 0,
  backupId: null,
  runId: null,
  files: 0,
  bytes: 0,
  bytesAdded: 0,
  warningCount: 0,
  provenSources: 0,
  damaged: false,
  sourceCount: 0,
  pinned: false,
  note: null,
  isForeign: false,
  message: null,
  isOver: true,
  action: null,
  trashedAtMs: null,
  deadlineMs: null,
} as const;

function factsOfBackup(stored: StoredManifest, marks: Marks, installId: string | undefined) {
  const { backupId, durationMs, files, bytes, bytesAdded, note, ...rest } = listed(stored, marks);
  const { warningCount, provenSources, damaged, sourceCount, pinned } = rest;
  return {
    backupId,
    durationMs,
    files,
    bytes,
    bytesAdded,
    note,
    warningCount,
    provenSources,
    damaged,
    sourceCount,
    pinned,
    isForeign: installId !== undefined && rest.installId !== installId,
    trashedAtMs: stored.trashedAtMs ?? null,
    deadlineMs: stored.deadlineMs ?? null,
  };
}

function factsOfRun(run: Run, newestGoodMs: number | undefined) {
  const {
    id,
    startedMs,
    finishedMs,
    backupId = null,
    files,
    bytes,
    bytesAdded,
    warnings,
    message = null,
  } = run;
  const isOver = newestGoodMs !== undefined && newestGoodMs > startedMs;
  return {
    backupId,
    files,
    bytes,
    bytesAdded,
    message,
    isOver,
    runId: id,
    durationMs: finishedMs - startedMs,
    warningCount: warnings,
    action: actionOf(run, isOver),
  };
}

/** What mends the cause of a run that made no backup. */
function actionOf(
  { operation, outcome, failureKind, skipReason }: Run,
  isOver: boolean,
): StatusAction | null {
  if (outcome === 'succeeded' || outcome === 'incomplete') return null;
  if (operation === 'drill') return { label: 'Run a rehearsal', operation: 'drill', input: {} };
  if (operation === 'copy') return { label: 'Copy now', operation: 'copiesRun', input: {} };
  if (operation === 'restore') return { label: 'Restore', operation: 'show', input: { page: 'restore' } };
  if (operation !== 'backup' || isOver) return null;
  if (skipReason === 'paused') return { label: 'Resume', operation: 'resume', input: {} };
  return outcome === 'failed' ? mendingAction(failureKind ?? 'other') : backUpNow;
}
