import { sourceText } from '../../../shared/model/component.ts';
import type { Manifest, ManifestSource } from '../../../shared/model/manifest.ts';
import { sizeText } from '../../../shared/lib/size-text.ts';
import { durationText } from '../../../shared/lib/time-text.ts';

export type DrillFinding = Readonly<{ source: string; message: string }>;

/** One source with the backup that it is rehearsed from: the newest that holds it whole. */
export type DrillSource = Readonly<{ manifest: Manifest; source: ManifestSource; bytes: number }>;

/** What a rehearsal by the schedule is chosen by. */
export type DrillRules = Readonly<{
  everyDays: number;
  proofDays: number;
  nowMs: number;
  /** When each source was last proven, ms since 1970. */
  provenMs: ReadonlyMap<string, number>;
}>;

/** What a rehearsal may take; undefined where nothing limits it or is known. */
export type DrillLimits = Readonly<{
  freeBytes: number;
  /** Restored and checked in earlier rehearsals. */
  bytesPerMs?: number | undefined;
  maxMs?: number | undefined;
  maxDownloadBytes?: number | undefined;
  /** Of a source's bytes how many are fetched: 0 where the vault is on this machine. */
  downloadShare: number;
}>;

export type DrillChoice = Readonly<{ chosen: readonly DrillSource[]; skipped: readonly DrillFinding[] }>;

const dayMs = 24 * 3_600_000;
const spareBytes = 256 * 1024 * 1024;
/** The credential of one needs the other. */
const always: ReadonlySet<string> = new Set(['persistence', 'config']);

/** How long before a proof is too old it is renewed, in ms: what one rehearsal leaves out, a further one comes in time for. */
export function proofMarginMs(proofDays: number): number {
  return Math.min(1, proofDays / 4) * dayMs;
}

/** Of each source the newest backup that holds it whole, the database's first: what lies in that one is taken from it. */
export function newestSources(newestFirst: readonly Manifest[]): readonly DrillSource[] {
  const found = new Map<string, DrillSource>();
  const holdsDatabase = (manifest: Manifest): boolean =>
    manifest.sources.some(({ component, state }) => component === 'persistence' && state === 'complete');
  const first = newestFirst.find(holdsDatabase);
  for (const manifest of first === undefined ? newestFirst : [first, ...newestFirst]) {
    for (const source of manifest.sources) {
      const { state, listing } = source;
      const name = sourceText(source);
      if (state === 'complete' && listing !== undefined && !found.has(name))
        found.set(name, { manifest, source, bytes: listing.bytes });
    }
  }
  return [...found.values()];
}

/**
 * What is rehearsed this time: database and configuration, every source whose proof is about to be too old, and of the others as many,
 * the longest unproven first, as it takes to come round within `proofDays`.
 */
export function dueSources(sources: readonly DrillSource[], rules: DrillRules): readonly DrillSource[] {
  const { everyDays, proofDays, nowMs } = rules;
  const provenMs = ({ source }: DrillSource): number => rules.provenMs.get(sourceText(source)) ?? -Infinity;
  const others = sources
    .filter(({ source }) => !always.has(sourceText(source)))
    .toSorted((a, b) => provenMs(a) - provenMs(b));
  const share = Math.min(others.length, Math.ceil((others.length * everyDays) / proofDays));
  const due = others.filter(
    (source, index) =>
      index < share || nowMs - provenMs(source) >= proofDays * dayMs - 2 * proofMarginMs(proofDays),
  );
  return [...sources.filter(({ source }) => always.has(sourceText(source))), ...due];
}

/** What of it fits: a source for which there is no room is left out, and so are the last ones when time or download are short. */
export function fitDrill(sources: readonly DrillSource[], limits: DrillLimits): DrillChoice {
  const chosen: DrillSource[] = [];
  const skipped: DrillFinding[] = [];
  let bytes = 0;
  for (const each of sources) {
    const shortage = shortageOf(each, bytes, limits);
    if (shortage === undefined) {
      chosen.push(each);
      bytes += each.bytes;
    } else skipped.push({ source: sourceText(each.source), message: shortage });
  }
  return { chosen, skipped };
}

function shortageOf(each: DrillSource, before: number, limits: DrillLimits): string | undefined {
  const { freeBytes, bytesPerMs, maxMs, maxDownloadBytes, downloadShare } = limits;
  if (freeBytes < each.bytes + spareBytes) {
    return `It needs ${sizeText(each.bytes + spareBytes)} in the home folder, and ${sizeText(freeBytes)} are free.`;
  }
  const bytes = before + each.bytes;
  if (maxMs !== undefined && bytesPerMs !== undefined && bytes / bytesPerMs > maxMs) {
    return `With it the rehearsal would take about ${durationText(bytes / bytesPerMs)}, and the settings allow ${durationText(maxMs)}.`;
  }
  if (maxDownloadBytes !== undefined && bytes * downloadShare > maxDownloadBytes) {
    return `With it ${sizeText(bytes * downloadShare)} would be fetched, and the settings allow ${sizeText(maxDownloadBytes)}.`;
  }
  return undefined;
}
