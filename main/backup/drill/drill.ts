import { mkdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { sizeText } from '../../../shared/lib/size-text.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { Manifest, ManifestSource } from '../../../shared/model/manifest.ts';
import { cannotBeWritten } from '../../storage/storage-error.ts';
import { recordProof } from '../../vault/manifests/proofs.ts';
import { compareTree } from '../../vault/restore/compare-tree.ts';
import { restoreTree } from '../../vault/restore/restore-tree.ts';
import type { VaultReader } from '../../vault/vault.ts';
import { isPostgresSource } from '../../components/postgres-source.ts';
import { openScratch } from '../scratch.ts';
import type { RunOptions, ServiceContext } from '../services.ts';
import type { DrillFinding, DrillSource } from './drill-plan.ts';
import { type DrillRequest, planDrill, type PlannedDrill } from './plan-drill.ts';
import { type CredentialProof, proveCredential } from './prove-credential.ts';
import { rehearseDump } from './rehearse-dump.ts';

const spareBytes = 256 * 1024 * 1024;
const shownDifferences = 3;

export type DrillOutcome = Readonly<{
  /** The backup that most was taken from. */
  backupId: string;
  /** No source failed. What was skipped is not proven, but nothing speaks against it. */
  ok: boolean;
  proven: readonly string[];
  failed: readonly DrillFinding[];
  skipped: readonly DrillFinding[];
  credential: CredentialProof;
  restoredBytes: number;
  durationMs: number;
}>;

/** Plans a rehearsal and does it at once. */
export async function drill(
  context: ServiceContext,
  request: DrillRequest,
  options: RunOptions,
): Promise<DrillOutcome> {
  return await rehearse(context, await planDrill(context, request, options), options);
}

/**
 * Rehearses what was planned: each source is restored to a scratch folder, one after the other, checked end to end (content by
 * CRC-32, names, links, metadata, a database's integrity and row counts, one credential with the backed-up key), and thrown away. A
 * dump of Postgres is loaded into the install's own server, or not proven where that cannot be.
 * What held is recorded as proof in the vault, also when it is cut short. A source for which there is no room is skipped with the
 * reason.
 */
export async function rehearse(
  context: ServiceContext,
  { plan, chosen }: PlannedDrill,
  options: RunOptions,
): Promise<DrillOutcome> {
  const startedMs = context.now();
  await using reader = await context.vault.openReader('drill');
  const parts: DrillOutcome[] = [];
  let restoredBytes = 0;
  for (const { manifest, sources } of byBackup(chosen)) {
    await using scratch = await openScratch(context.home);
    const total = { bytes: plan.bytes, before: restoredBytes };
    const run = new DrillRun(context, { manifest, reader, scratch: scratch.folder, options, total });
    const part = await rehearsePart(context, run, { manifest, sources });
    restoredBytes += part.restoredBytes;
    parts.push(part);
  }
  const failed = parts.flatMap((part) => part.failed);
  const [first] = parts.toSorted((a, b) => b.proven.length - a.proven.length);
  return {
    backupId: first?.backupId ?? plan.backupId,
    ok: failed.length === 0,
    proven: parts.flatMap((part) => part.proven),
    failed,
    skipped: [...plan.skipped, ...parts.flatMap((part) => part.skipped)],
    credential: parts.find(({ credential }) => credential.state !== 'untested')?.credential ?? {
      state: 'untested',
    },
    restoredBytes,
    durationMs: context.now() - startedMs,
  };
}

type Part = Readonly<{ manifest: Manifest; sources: readonly ManifestSource[] }>;

function byBackup(chosen: readonly DrillSource[]): readonly Part[] {
  const parts = new Map<string, { manifest: Manifest; sources: ManifestSource[] }>();
  for (const { manifest, source } of chosen) {
    const part = parts.get(manifest.backupId) ?? { manifest, sources: [] };
    part.sources.push(source);
    parts.set(manifest.backupId, part);
  }
  return [...parts.values()];
}

async function rehearsePart(
  context: ServiceContext,
  run: DrillRun,
  { manifest, sources }: Part,
): Promise<DrillOutcome> {
  const { backupId } = manifest;
  try {
    for (const source of sources) await run.rehearse(source);
  } catch (error) {
    // What is proven is proven; a database only with its credential, which may not have been tried yet.
    const proven = run.restored.filter((source) => source !== 'persistence');
    await recordIfPossible(context, { backupId, sources: proven });
    throw error;
  }
  const { credential } = run;
  const failed = [...run.failed];
  if (credential.state === 'failed') failed.push({ source: 'persistence', message: credential.message });
  const failedSources = new Set(failed.map((finding) => finding.source));
  const proven = run.restored.filter((source) => !failedSources.has(source));
  const unrecorded = await recordIfPossible(context, { backupId, sources: proven });
  const skipped = [...run.skipped, ...unrecorded];
  const { restoredBytes } = run;
  return { backupId, ok: true, proven, failed, skipped, credential, restoredBytes, durationMs: 0 };
}

/** A vault that cannot be written is proven all the same, though nothing there remembers it. */
async function recordIfPossible(
  { vault }: ServiceContext,
  proven: Readonly<{ backupId: string; sources: readonly string[] }>,
): Promise<readonly Readonly<{ source: string; message: string }>[]> {
  if (proven.sources.length === 0) return [];
  try {
    await recordProof(vault.storage, vault.objectKeys, proven);
    return [];
  } catch (error) {
    if (!cannotBeWritten(error)) throw error;
    return [{ source: 'the record of this rehearsal', message: messageOf(error) }];
  }
}

type DrillParts = Readonly<{
  manifest: Manifest;
  reader: VaultReader;
  scratch: string;
  options: RunOptions;
  /** Bytes of the whole rehearsal, and those of earlier parts. */
  total: Readonly<{ bytes: number; before: number }>;
}>;

class DrillRun {
  readonly restored: string[] = [];
  readonly failed: DrillFinding[] = [];
  readonly skipped: DrillFinding[] = [];
  restoredBytes = 0;
  #folders = 0;
  credential: CredentialProof = { state: 'untested' };
  readonly #context: ServiceContext;
  readonly #parts: DrillParts;
  /** `.env` of the backup, once `config` was restored. */
  #configFolder: string | undefined;
  #databaseFolder: string | undefined;

  constructor(context: ServiceContext, parts: DrillParts) {
    this.#context = context;
    this.#parts = parts;
  }

  async rehearse(source: ManifestSource): Promise<void> {
    const name = sourceText(source);
    const room = await freeBytes(this.#parts.scratch);
    const needed = (source.listing?.bytes ?? 0) + spareBytes;
    // There was room when the rehearsal was planned.
    if (room < needed) {
      this.skipped.push({
        source: name,
        message: `It needs ${sizeText(needed)}, and ${sizeText(room)} are free.`,
      });
      return;
    }
    this.#folders += 1;
    const folder = path.join(this.#parts.scratch, String(this.#folders));
    await mkdir(folder, { mode: 0o700 });
    const holds = await this.#judge(source, folder);
    if (holds && (await this.#keepForCredential(source, folder))) return;
    await rm(folder, { recursive: true, force: true });
  }

  /** Whether everything of the source came back. */
  async #judge(source: ManifestSource, folder: string): Promise<boolean> {
    const name = sourceText(source);
    try {
      const problems = await this.#restoreAndCheck(source, folder);
      if (problems.length > 0) {
        this.failed.push({ source: name, message: problems.join('; ') });
        return false;
      }
      const unproven = isPostgresSource(source) ? await this.#load(source, folder) : undefined;
      if (unproven === undefined) this.restored.push(name);
      else this.skipped.push({ source: name, message: unproven });
      return true;
    } catch (error) {
      this.#parts.options.signal.throwIfAborted();
      if (error instanceof AppError && (error.kind === 'unavailable' || error.kind === 'cancelled'))
        throw error;
      this.failed.push({ source: name, message: messageOf(error) });
      return false;
    }
  }

  async #restoreAndCheck(source: ManifestSource, folder: string): Promise<readonly string[]> {
    const { reader, options } = this.#parts;
    const { signal } = options;
    if (source.listing === undefined) throw new Error('a source without a listing is never planned');
    const listing = await reader.openListing(source.listing);
    const before = this.restoredBytes;
    const { bytes, files } = await restoreTree({
      listing,
      reader: reader.chunks,
      target: folder,
      exactMetadata: true,
      signal,
      onProgress: (progress) => this.#tell(sourceText(source), before + progress.bytes),
    });
    this.restoredBytes += bytes;
    if (files < source.listing.files) return [`${source.listing.files - files} of its files are missing`];
    // Owners can be given back by root alone: for others that says nothing of the backup.
    const differences = await compareTree(listing, folder, {
      signal,
      exactMetadata: process.getuid?.() === 0,
    });
    const shown = differences
      .slice(0, shownDifferences)
      .map(({ path: where, what }) => `${where}: ${what} differs`);
    const handler = this.#context.registry.find(source.component);
    if (handler === undefined) return [...shown, 'no handler of this program knows the component'];
    return [...shown, ...(await handler.validateSource(source, folder, signal))];
  }

  /** A dump proves a restore only when a server takes it. Why that could not be tried. */
  async #load(source: ManifestSource, folder: string): Promise<string | undefined> {
    this.#tell(`${sourceText(source)}, into a new database`, this.restoredBytes);
    return await rehearseDump(this.#context, folder, this.#parts.options.signal);
  }

  /** The database is opened with the key of the backed-up `.env`: whichever comes first stays until the other is there. */
  async #keepForCredential(source: ManifestSource, folder: string): Promise<boolean> {
    if (source.component === 'persistence') this.#databaseFolder = folder;
    else if (source.component === 'config') this.#configFolder = folder;
    else return false;
    if (this.#databaseFolder === undefined || this.#configFolder === undefined) return true;
    this.credential = await proveCredential(
      this.#databaseFolder,
      this.#configFolder,
      this.#parts.options.signal,
    );
    await rm(this.#databaseFolder, { recursive: true, force: true });
    await rm(this.#configFolder, { recursive: true, force: true });
    return true;
  }

  #tell(detail: string, done: number): void {
    const { options, total } = this.#parts;
    options.onProgress?.({
      phase: 'drill',
      done: total.before + done,
      total: total.bytes,
      unit: 'bytes',
      detail,
    });
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
