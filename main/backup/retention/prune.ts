import { AppError } from '../../../shared/lib/app-error.ts';
import { sourceWithin } from '../../../shared/lib/restore-plan/sentence.ts';
import type { RetentionSettings } from '../../../shared/model/settings.ts';
import type { VaultWriter } from '../../vault/vault.ts';
import { CopyStates } from '../copies/copy-states.ts';
import { keptForCopies } from '../copies/kept-for-copies.ts';
import type { RunOptions, ServiceContext } from '../services.ts';
import { freedBytes } from './freed-bytes.ts';
import { type KeptBackup, keptBackups } from './kept-backups.ts';
import { decideRetention, type RetentionFacts } from './retention-rules.ts';

const dayMs = 24 * 60 * 60 * 1000;
const maxClockDifferenceMs = 5 * 60 * 1000;

export type PrunedBackup = Readonly<{
  backupId: string;
  timestamp: string;
  /** What it added to the vault when it was made; deleting may free less, as later backups may use it too. */
  bytesStored: number;
  /** What deleting it gives back, where that was looked up. */
  bytesFreed?: number;
}>;

export type PruneOutcome = Readonly<{
  /** Nothing was deleted: this is what would go. */
  dryRun: boolean;
  pruned: readonly PrunedBackup[];
  kept: number;
  /** Safety backups of over 30 days: they are deleted by hand only. */
  offered: readonly PrunedBackup[];
  /** No rule keeps them; they stay until every required copy has them. */
  waiting: readonly PrunedBackup[];
  /** Of a dry run: what deleting all of them gives back once their days in the trash are over; null where that cannot be told. */
  bytesFreed?: number | null;
}>;

export type PruneRequest = Readonly<{
  dryRun: boolean;
  /** Go on though more than half of the backups would go. */
  confirmed: boolean;
  /** Of a dry run: in place of those in the settings. */
  rules?: RetentionSettings;
}>;

/**
 * Moves the backups of this install that no rule keeps to the trash. Refused when the clocks of this machine and of the storage
 * differ by over five minutes, and without a word of the user when more than half would go.
 */
export async function pruneBackups(
  context: ServiceContext,
  request: PruneRequest,
  options: RunOptions,
): Promise<PruneOutcome> {
  if (request.dryRun) return await previewPrune(context, request.rules, options);
  await using writer = await context.vault.openWriter('prune', { signal: options.signal });
  return await pruneUnderLock(context, writer, request.confirmed, options.signal);
}

/** What would go, and the bytes that this frees: reads the listings of all backups for it. */
async function previewPrune(
  context: ServiceContext,
  rules: RetentionSettings | undefined,
  { signal }: RunOptions,
): Promise<PruneOutcome> {
  const settings = { ...context.settings, ...(rules === undefined ? {} : { retention: rules }) };
  const planned = await plan({ ...context, settings }, true);
  const going = new Set(planned.pruned.map(({ backupId }) => backupId));
  const freed = await freedBytes(context.vault, going, signal);
  if (freed.bytes === undefined) return { ...planned, bytesFreed: null };
  const pruned = planned.pruned.map((backup) => ({
    ...backup,
    bytesFreed: freed.byBackup.get(backup.backupId) ?? 0,
  }));
  return { ...planned, pruned, bytesFreed: freed.bytes };
}

/** Which backups go by the rules of the settings, or by others. */
export async function goingByRules(
  context: ServiceContext,
  rules: RetentionSettings | undefined,
): Promise<ReadonlySet<string>> {
  const settings = { ...context.settings, ...(rules === undefined ? {} : { retention: rules }) };
  const { pruned } = await plan({ ...context, settings }, true);
  return new Set(pruned.map(({ backupId }) => backupId));
}

/** The same for whoever holds the writer lock already. With nothing to delete nothing can be refused. */
export async function pruneUnderLock(
  context: ServiceContext,
  writer: VaultWriter,
  isConfirmed: boolean,
  signal: AbortSignal,
): Promise<PruneOutcome> {
  const planned = await plan(context, false);
  if (planned.pruned.length === 0) return planned;
  await requireEqualClocks(context);
  await requireSourcesKept(context, planned);
  const total = planned.pruned.length + planned.kept;
  if (!isConfirmed && planned.pruned.length * 2 > total) {
    throw new AppError(
      'refused',
      `The rules would delete ${planned.pruned.length} of ${total} backups, so that none went: let them go under Storage, or with prune --confirm.`,
    );
  }
  for (const { backupId } of planned.pruned) {
    signal.throwIfAborted();
    await writer.trash(backupId, context.settings.trashDays * dayMs);
  }
  return planned;
}

/** The rules keep the newest copy of each source; this looks at what they came to, before anything is deleted. */
async function requireSourcesKept(context: ServiceContext, { pruned }: PruneOutcome): Promise<void> {
  const going = new Set(pruned.map(({ backupId }) => backupId));
  const backups = await keptBackups(context.vault, context.installSettings.installId);
  const lost = sourcesLost(backups, going);
  if (lost.length === 0) return;
  throw new AppError(
    'refused',
    `The rules would delete the last backup of ${lost.map((source) => sourceWithin(source)).join(', ')}: nothing was deleted. Pin one of its backups, then prune again.`,
  );
}

/** Sources of which no ordinary backup would stay. */
export function sourcesLost(
  backups: readonly RetentionFacts[],
  going: ReadonlySet<string>,
): readonly string[] {
  const ordinary = backups.filter(({ trigger }) => trigger !== 'pre_migration');
  const staying = ordinary.filter(({ backupId }) => !going.has(backupId));
  const kept = new Set(staying.flatMap(({ sources }) => sources));
  return [...new Set(ordinary.flatMap(({ sources }) => sources))].filter((source) => !kept.has(source));
}

async function plan(context: ServiceContext, dryRun: boolean): Promise<PruneOutcome> {
  const backups = await keptBackups(context.vault, context.installSettings.installId);
  const decisions = decideRetention(backups, context.settings.retention, context.now());
  const byId = new Map(backups.map((backup) => [backup.backupId, backup]));
  const listed = (ids: readonly string[]): readonly PrunedBackup[] =>
    ids.flatMap((id) => byId.get(id) ?? []).map(prunedBackup);
  const unkept = decisions.filter(({ reasons }) => reasons.length === 0).map(({ backupId }) => backupId);
  const isAwaited = await keptForCopies(context.settings, new CopyStates(context.home, context.now));
  const going = unkept.filter((backupId) => !isAwaited(backupId));
  return {
    dryRun,
    pruned: listed(going),
    waiting: listed(unkept.filter((backupId) => isAwaited(backupId))),
    kept: decisions.length - going.length,
    offered: listed(decisions.filter((decision) => decision.offered).map((decision) => decision.backupId)),
  };
}

function prunedBackup({ backupId, manifest }: KeptBackup): PrunedBackup {
  const bytesStored = manifest.sources.reduce((sum, source) => sum + source.bytesStored, 0);
  return { backupId, timestamp: manifest.timestamp, bytesStored };
}

/** Ages are told by the clock: with a wrong one the wrong backups would go. */
async function requireEqualClocks({ vault, now }: ServiceContext): Promise<void> {
  const difference = Math.abs((await vault.storage.now()) - now());
  if (difference <= maxClockDifferenceMs) return;
  const minutes = Math.round(difference / 60_000);
  throw new AppError(
    'refused',
    `The clocks of this machine and of the vault differ by ${minutes} minutes: set them right, then prune again.`,
  );
}
