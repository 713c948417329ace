import { AppError } from '../../../shared/lib/app-error.ts';
import type { VaultWriter } from '../../vault/vault.ts';
import type { RunOptions, ServiceContext } from '../services.ts';
import { type KeptBackup, keptBackups } from './kept-backups.ts';
import { decideRetention } from './retention-rules.ts';

const dayMs = 24 * 60 * 60 * 1000;
const maxClockDifferenceMs = 5 * 60 * 1000;

export type PrunedBackup = Readonly<{
  backupId: string;
  timestamp: string;
  /** What it added to the vault when it was made; deleting may free less, as later backups may use it too. */
  bytesStored: number;
}>;

export type PruneOutcome = Readonly<{
  /** Nothing was deleted: this is what would go. */
  dryRun: boolean;
  pruned: readonly PrunedBackup[];
  kept: number;
  /** Safety backups of over 30 days: they are deleted by hand only. */
  offered: readonly PrunedBackup[];
}>;

export type PruneRequest = Readonly<{
  dryRun: boolean;
  /** Go on though more than half of the backups would go. */
  confirmed: boolean;
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
  if (request.dryRun) return await plan(context, true);
  await using writer = await context.vault.openWriter('prune', { signal: options.signal });
  return await pruneUnderLock(context, writer, request.confirmed, options.signal);
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
  const total = planned.pruned.length + planned.kept;
  if (!isConfirmed && planned.pruned.length * 2 > total) {
    throw new AppError(
      'refused',
      `The rules would delete ${planned.pruned.length} of ${total} backups: look with prune --dry-run, then use prune --confirm.`,
    );
  }
  for (const { backupId } of planned.pruned) {
    signal.throwIfAborted();
    await writer.trash(backupId, context.settings.trashDays * dayMs);
  }
  return planned;
}

async function plan(context: ServiceContext, dryRun: boolean): Promise<PruneOutcome> {
  const backups = await keptBackups(context.vault, context.installSettings.installId);
  const decisions = decideRetention(backups, context.settings.retention, context.now());
  const byId = new Map(backups.map((backup) => [backup.backupId, backup]));
  const listed = (ids: readonly string[]): readonly PrunedBackup[] =>
    ids.flatMap((id) => byId.get(id) ?? []).map(prunedBackup);
  const going = decisions.filter((decision) => decision.reasons.length === 0);
  return {
    dryRun,
    pruned: listed(going.map((decision) => decision.backupId)),
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
