import { statfs } from 'node:fs/promises';
import { AppError } from '../../../shared/lib/app-error.ts';
import { assertBackupId } from '../../../shared/model/backup-id.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { ListingRoot, Manifest } from '../../../shared/model/manifest.ts';
import type { RunOptions, ServiceContext } from '../services.ts';
import {
  type DrillFinding,
  type DrillLimits,
  type DrillSource,
  dueSources,
  fitDrill,
  newestSources,
  proofMarginMs,
} from './drill-plan.ts';
import { provenTimes } from './proven-times.ts';

const dayMs = 24 * 3_600_000;
const minuteMs = 60_000;

/** What a rehearsal is going to do, said before it begins. */
export type DrillPlan = Readonly<{
  /** The backup that was asked for, else the newest. */
  backupId: string;
  sources: readonly Readonly<{ source: string; backupId: string; bytes: number }>[];
  skipped: readonly DrillFinding[];
  /** Restored one source after the other into scratch space, which the largest has to fit into. */
  bytes: number;
  largestBytes: number;
  freeBytes: number;
  /** 0 where the vault is on this machine. */
  downloadBytes: number;
  /** By the speed of earlier rehearsals; null before the first. */
  estimatedMs: number | null;
}>;

export type DrillRequest = Readonly<{
  /** Everything of this backup; without it everything of the install, each source from the newest backup that has it. */
  backupId?: string;
  /** Only what is due by the schedule, within the limits of the settings. */
  isScheduled?: boolean;
  /** Of earlier rehearsals. */
  bytesPerMs?: number | undefined;
}>;

export type PlannedDrill = Readonly<{ plan: DrillPlan; chosen: readonly DrillSource[] }>;

/** Looks up what a rehearsal would restore and what that takes; `not-found` when there is no such backup, or none at all. */
export async function planDrill(
  context: ServiceContext,
  request: DrillRequest,
  { signal }: Pick<RunOptions, 'signal'>,
): Promise<PlannedDrill> {
  const { drill: settings, objectives } = context.settings;
  const isScheduled = request.isScheduled === true;
  const manifests = await manifestsFor(context, request.backupId);
  const all = newestSources(manifests);
  const provenMs = isScheduled
    ? await provenTimes(context.vault, await ownBackups(context))
    : new Map<string, number>();
  const rules = {
    everyDays: settings.everyDays,
    proofDays: objectives.proofDays,
    nowMs: context.now(),
    provenMs,
  };
  const wanted = isScheduled ? dueSources(all, rules) : all;
  const bytesOf = (sources: readonly DrillSource[]): number =>
    sources.reduce((sum, { bytes }) => sum + bytes, 0);
  const downloadShare = (await bytesToFetch(context, wanted, signal)) / Math.max(1, bytesOf(wanted));
  const limits: DrillLimits = {
    freeBytes: await freeBytes(context.home),
    bytesPerMs: request.bytesPerMs,
    downloadShare,
    ...(isScheduled
      ? { maxMs: settings.maxMinutes * minuteMs, maxDownloadBytes: settings.maxDownloadBytes }
      : {}),
  };
  const { chosen, skipped } = fitDrill(wanted, limits);
  const failed = request.backupId === undefined ? [] : failedSources(manifests);
  const bytes = bytesOf(chosen);
  const plan: DrillPlan = {
    backupId: manifests[0]?.backupId ?? '',
    sources: chosen.map(({ source, manifest, ...rest }) => ({
      source: sourceText(source),
      backupId: manifest.backupId,
      bytes: rest.bytes,
    })),
    skipped: [...failed, ...skipped],
    bytes,
    largestBytes: Math.max(0, ...chosen.map((each) => each.bytes)),
    freeBytes: limits.freeBytes,
    downloadBytes: Math.round(bytes * downloadShare),
    estimatedMs: request.bytesPerMs === undefined ? null : Math.round(bytes / request.bytesPerMs),
  };
  return { plan, chosen };
}

/** When a rehearsal by the schedule is due for the sake of proofs alone: shortly before the first of them is too old. */
export async function proofsDueMs(context: ServiceContext): Promise<number | undefined> {
  const sources = newestSources(await ownBackups(context));
  if (sources.length === 0) return undefined;
  const provenMs = await provenTimes(context.vault, await ownBackups(context));
  const oldest = Math.min(...sources.map(({ source }) => provenMs.get(sourceText(source)) ?? -Infinity));
  const { proofDays } = context.settings.objectives;
  return oldest + proofDays * dayMs - proofMarginMs(proofDays);
}

function failedSources(manifests: readonly Manifest[]): readonly DrillFinding[] {
  return manifests
    .flatMap(({ sources }) => sources)
    .filter(({ state }) => state === 'failed')
    .map((source) => ({ source: sourceText(source), message: 'It failed when the backup was made.' }));
}

async function manifestsFor(
  context: ServiceContext,
  backupId: string | undefined,
): Promise<readonly Manifest[]> {
  if (backupId !== undefined) {
    assertBackupId(backupId);
    return [(await context.vault.loadManifest(backupId)).manifest];
  }
  const own = await ownBackups(context);
  if (own.length > 0) return own;
  throw new AppError('not-found', 'There is no backup to rehearse: make one with backup.');
}

/** Safety backups are of what was there before a restore. */
async function ownBackups({ vault, installSettings }: ServiceContext): Promise<readonly Manifest[]> {
  const { manifests } = await vault.listManifests();
  return manifests
    .filter(({ state, manifest }) => state === 'live' && manifest.installId === installSettings.installId)
    .map(({ manifest }) => manifest)
    .filter(({ trigger }) => trigger !== 'pre_migration');
}

/** As the bytes lie in the vault, each chunk once. */
async function bytesToFetch(
  { vault }: ServiceContext,
  sources: readonly DrillSource[],
  signal: AbortSignal,
): Promise<number> {
  if (vault.storage.isLocal) return 0;
  await using reader = await vault.openReader('drill');
  const roots = sources.flatMap(({ source }): readonly ListingRoot[] =>
    source.listing === undefined ? [] : [source.listing],
  );
  const needed = new Uint8Array(reader.packs.chunkCount);
  for (const root of roots) {
    try {
      for await (const id of (await reader.openListing(root)).allChunks()) {
        signal.throwIfAborted();
        const number = reader.packs.numberOf(id);
        if (number !== -1) needed[number] = 1;
      }
    } catch (error) {
      // What does not open is what the rehearsal is going to say.
      if (!(error instanceof AppError) || error.kind !== 'damaged') throw error;
    }
  }
  return reader.packs.usage(needed).reduce((sum, { liveBytes }) => sum + liveBytes, 0);
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
