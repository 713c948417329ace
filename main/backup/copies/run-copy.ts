import type { RetentionSettings } from '../../../shared/model/settings.ts';
import { BackupCopier, copyTrash } from '../../vault/replication/backup-copier.ts';
import { carryKeys, hasSameKeys } from '../../vault/replication/carry-keys.ts';
import { carryMarks } from '../../vault/replication/carry-marks.ts';
import { requireCopy } from '../../vault/replication/make-copy.ts';
import type { Transfer } from '../../vault/replication/pack-sender.ts';
import { isLost } from '../../vault/index/pack-table.ts';
import type { OpenedVault } from '../../vault/open-vault.ts';
import type { OpenedWriter } from '../../vault/opened-writer.ts';
import type { VaultReader } from '../../vault/vault.ts';
import type { RunOptions } from '../services.ts';
import { planCopy } from './copy-plan.ts';
import type { CopyPlan, HeldBackups } from './copy-plan.ts';
import { heldBackups } from './held-backups.ts';

const dayMs = 24 * 60 * 60 * 1000;
const maxClockDifferenceMs = 5 * 60 * 1000;

export type CopyRequest = Readonly<{
  source: OpenedVault;
  target: OpenedVault;
  /** The copy's own rules; undefined: it keeps what the source keeps. */
  rules: RetentionSettings | undefined;
  trashDays: number;
  /** Backups that an earlier run found at the source and had dealt with. */
  settled: ReadonlySet<string>;
  /** Let go of more than half of the backups of the copy, where that is due. */
  confirmed: boolean;
  now: () => number;
}>;

export type CopyOutcome = Readonly<{
  /** Backups that were copied, and those that went into the trash of the copy. */
  copied: readonly string[];
  trashed: readonly string[];
  sentPacks: number;
  sentBytes: number;
  /** What could not be done, each in one sentence. */
  problems: readonly string[];
  /** Live at the source: they are on the copy, or its rules do not want them. Known from before: they are on the copy. */
  settled: readonly string[];
  /** What the copy holds now. */
  backups: number;
  packs: number;
  bytes: number;
}>;

type Run = Readonly<{
  request: CopyRequest;
  options: RunOptions;
  reader: VaultReader;
  writer: OpenedWriter;
  transfer: Transfer & Readonly<{ target: OpenedVault['storage'] }>;
}>;

/**
 * Brings a copy of the vault up to its source: keys, packs, index, manifests, then what was deleted, pins and proofs. Holds the lock of
 * the copy and a lease at the source, which nobody waits for. What is done when it is cut off stays done. `busy` while another writes to
 * the copy; `refused` where another vault lies.
 */
export async function runCopy(request: CopyRequest, options: RunOptions): Promise<CopyOutcome> {
  const { source, target } = request;
  const { signal } = options;
  await requireCopy(target.storage, source.ring);
  await using reader = await source.openReader('copy');
  await giveKeys(request, signal);
  const aboveGeneration = await newestGeneration(source, reader);
  await using writer = await target.openWriter('copy', { signal, aboveGeneration });
  const both = AbortSignal.any([signal, writer.signal]);
  const progress = new SentBytes(options);
  const transfer = {
    from: { vault: source, reader },
    to: writer,
    target: target.storage,
    signal: both,
    onPlanned: (bytes: number) => progress.planned(bytes),
    onSent: (bytes: number) => progress.sent(bytes),
  };
  return await copyAll({ request, options, reader, writer, transfer });
}

/** Under a lock of its own: a copy whose keys are not ours yet cannot be opened for writing. */
async function giveKeys({ source, target }: CopyRequest, signal: AbortSignal): Promise<void> {
  const request = { source: source.storage, target: target.storage, keys: source.vaultKeys };
  if (await hasSameKeys(request)) return;
  await using lock = await target.lock('keys', { signal });
  await lock.assertHeld();
  await carryKeys(request);
}

/** The lock of the copy is to be above everything that was written at the source: then what comes late there is told by it. */
async function newestGeneration(source: OpenedVault, reader: VaultReader): Promise<number> {
  const { manifests } = await source.manifests.list();
  let newest = 0;
  for (const { manifest } of manifests) newest = Math.max(newest, manifest.generation);
  for (const { writerGeneration } of reader.packs.packs()) newest = Math.max(newest, writerGeneration);
  return newest;
}

async function copyAll(run: Run): Promise<CopyOutcome> {
  const { request, writer, transfer } = run;
  const from = await heldBackups(request.source);
  const before = await heldBackups(request.target);
  const { rules, settled, now } = request;
  const plan = planCopy({ source: from, target: before, rules, settled, nowMs: now() });
  const copier = new BackupCopier(transfer, before.live);
  await mend(writer, copier);
  const problems: string[] = [];
  const copied: string[] = [];
  for (const backupId of plan.copy) {
    transfer.signal.throwIfAborted();
    const problem = await copier.copy(backupId);
    if (problem === undefined) copied.push(backupId);
    else problems.push(problem);
    if (problem === undefined && before.trashed.has(backupId))
      await transfer.target.delete(`trash/${backupId}`);
  }
  const trashed = await letGo(run, plan, before.live.length + copied.length, problems);
  const after = await heldBackups(request.target);
  await carryMarks({
    source: request.source.storage,
    target: transfer.target,
    keys: request.source.objectKeys,
    shared: shared(from, after),
  });
  const { packs: sentPacks, bytes: sentBytes } = copier.sender.sent;
  return { copied, trashed, sentPacks, sentBytes, problems, ...endOf(run, plan, from, after) };
}

/** Sends again what is damaged or gone at the copy. */
async function mend(writer: OpenedWriter, { sender }: BackupCopier): Promise<void> {
  await sender.renew(writer.damage.contents().packs);
  const lost = writer.lostChunks();
  if (lost.length > 0) await sender.bring(lost);
}

/** Moves to the trash of the copy what is to go of its `total` backups; gives the ids. */
async function letGo(
  run: Run,
  plan: CopyPlan,
  total: number,
  problems: string[],
): Promise<readonly string[]> {
  const { request, writer, transfer } = run;
  const going = [...plan.trashAlike, ...plan.trash];
  const problem = going.length === 0 ? undefined : await refusalOf(request, going.length, total);
  if (problem !== undefined) {
    problems.push(problem);
    return [];
  }
  for (const backupId of plan.trashAlike) await copyTrash(transfer, backupId);
  for (const backupId of plan.trash) await writer.trash(backupId, request.trashDays * dayMs);
  return going;
}

async function refusalOf(request: CopyRequest, going: number, total: number): Promise<string | undefined> {
  const { target, confirmed, now } = request;
  const { location } = target.storage;
  if (!confirmed && going * 2 > total) {
    return `${going} of ${total} backups would go from the copy at ${location}, so that none went: look at the backups, then use copies run --confirm.`;
  }
  const difference = Math.abs((await target.storage.now()) - now());
  if (difference <= maxClockDifferenceMs) return undefined;
  const minutes = Math.round(difference / 60_000);
  return `The clocks of this machine and of the copy at ${location} differ by ${minutes} minutes, so that nothing was deleted there: set them right.`;
}

function shared(from: HeldBackups, to: HeldBackups): ReadonlySet<string> {
  const there = new Set(to.live.map(({ backupId }) => backupId));
  return new Set(from.live.map(({ backupId }) => backupId).filter((id) => there.has(id)));
}

function endOf(
  { request, writer }: Run,
  plan: CopyPlan,
  from: HeldBackups,
  after: HeldBackups,
): Pick<CopyOutcome, 'settled' | 'backups' | 'packs' | 'bytes'> {
  const there = new Set(after.live.map(({ backupId }) => backupId));
  const here = from.live.map(({ backupId }) => backupId);
  const dealtWith = here.filter((id) => there.has(id) || plan.unwanted.includes(id));
  const before = [...request.settled].filter((id) => there.has(id));
  const packs = writer.packs.packs().filter(({ state }) => !isLost(state));
  return {
    settled: [...new Set([...dealtWith, ...before])],
    backups: there.size,
    packs: packs.length,
    bytes: packs.reduce((sum, { size }) => sum + size, 0),
  };
}

/** How far the sending is, of what is known to be sent by now. */
class SentBytes {
  readonly #options: RunOptions;
  #total = 0;
  #done = 0;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  planned(bytes: number): void {
    this.#total += bytes;
    this.#tell();
  }

  sent(bytes: number): void {
    this.#done += bytes;
    this.#tell();
  }

  #tell(): void {
    this.#options.onProgress?.({
      phase: 'copy',
      done: this.#done,
      total: this.#total,
      unit: 'bytes',
      detail: '',
    });
  }
}
