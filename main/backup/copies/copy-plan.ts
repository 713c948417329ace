import { sourceText } from '../../../shared/model/component.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import type { RetentionSettings } from '../../../shared/model/settings.ts';
import { decideRetention } from '../retention/retention-rules.ts';
import type { RetentionFacts } from '../retention/retention-rules.ts';

/** What a storage of a vault holds, as far as copying asks. */
export type HeldBackups = Readonly<{
  live: readonly Manifest[];
  trashed: ReadonlySet<string>;
  /** Backups that ought to be there: their manifests may be lost. */
  recorded: ReadonlySet<string>;
  pinned: ReadonlySet<string>;
  /** Sources (`sourceText`) that a rehearsal proved, by backup. */
  proven: ReadonlyMap<string, readonly string[]>;
}>;

export type PlanRequest = Readonly<{
  source: HeldBackups;
  target: HeldBackups;
  /** The copy's own rules; undefined: it keeps what the source keeps. */
  rules: RetentionSettings | undefined;
  /** Backups that an earlier run found at the source and had dealt with. */
  settled: ReadonlySet<string>;
  nowMs: number;
}>;

/** Ids of backups. */
export type CopyPlan = Readonly<{
  /** Live at the source and to be so at the copy, newest first. */
  copy: readonly string[];
  /** In the trash of the source: they go into that of the copy, with the deadline that they have. */
  trashAlike: readonly string[];
  /** Gone from the source, or kept by no rule of the copy. */
  trash: readonly string[];
  /** Live at the source; the copy's own rules do not want them. */
  unwanted: readonly string[];
}>;

/**
 * What a copy lacks, and what it has to let go. A backup that is gone from the source goes here too only when it is certain that it was
 * deleted: it had been there, and is not missed there. What was made at the copy itself is never touched.
 */
export function planCopy(request: PlanRequest): CopyPlan {
  return request.rules === undefined ? planAlike(request) : planByRules(request, request.rules);
}

function planAlike({ source, target, settled }: PlanRequest): CopyPlan {
  const there = idsOf(target.live);
  const here = idsOf(source.live);
  const isGone = (id: string): boolean =>
    !here.has(id) && !source.trashed.has(id) && !source.recorded.has(id) && settled.has(id);
  return {
    copy: newestFirst(source.live.filter(({ backupId }) => !there.has(backupId))),
    trashAlike: [...there].filter((id) => !here.has(id) && source.trashed.has(id)),
    trash: [...there].filter(isGone),
    unwanted: [],
  };
}

/** Its rules judge all that is in either place, so that nothing is copied to be deleted again. */
function planByRules({ source, target, nowMs }: PlanRequest, rules: RetentionSettings): CopyPlan {
  const there = idsOf(target.live);
  const all = [...source.live, ...target.live.filter(({ backupId }) => !idsOf(source.live).has(backupId))];
  const installs = Map.groupBy(all, ({ installId }) => installId);
  const kept = new Set<string>();
  for (const manifests of installs.values()) {
    const facts = manifests.map((manifest) => factsOf(manifest, source, target));
    for (const { backupId, reasons } of decideRetention(facts, rules, nowMs)) {
      if (reasons.length > 0) kept.add(backupId);
    }
  }
  const isMissing = ({ backupId }: Manifest): boolean => !there.has(backupId);
  return {
    copy: newestFirst(source.live.filter((each) => isMissing(each) && kept.has(each.backupId))),
    trashAlike: [],
    trash: [...there].filter((id) => !kept.has(id)),
    unwanted: source.live
      .filter((each) => isMissing(each) && !kept.has(each.backupId))
      .map(({ backupId }) => backupId),
  };
}

/** Pins are those of the source, where it has the backup. */
function factsOf(manifest: Manifest, source: HeldBackups, target: HeldBackups): RetentionFacts {
  const { backupId } = manifest;
  const isHere = source.live.some((each) => each.backupId === backupId);
  const proven = [...(source.proven.get(backupId) ?? []), ...(target.proven.get(backupId) ?? [])];
  return {
    backupId,
    timestampMs: Date.parse(manifest.timestamp),
    trigger: manifest.trigger,
    sources: manifest.sources.filter(({ state }) => state === 'complete').map((part) => sourceText(part)),
    provenSources: [...new Set(proven)],
    pinned: (isHere ? source : target).pinned.has(backupId),
  };
}

function idsOf(manifests: readonly Manifest[]): ReadonlySet<string> {
  return new Set(manifests.map(({ backupId }) => backupId));
}

function newestFirst(manifests: readonly Manifest[]): readonly string[] {
  return manifests
    .toSorted((one, other) => Date.parse(other.timestamp) - Date.parse(one.timestamp))
    .map(({ backupId }) => backupId);
}
