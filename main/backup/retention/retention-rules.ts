import type { RetentionSettings } from '../../../shared/model/settings.ts';
import type { Trigger } from '../../../shared/model/trigger.ts';

/** What retention knows of one backup. `sources` are those it holds whole (`sourceText`). */
export type RetentionFacts = Readonly<{
  backupId: string;
  timestampMs: number;
  trigger: Trigger;
  sources: readonly string[];
  /** Sources of this backup that a rehearsal proved. */
  provenSources: readonly string[];
  pinned: boolean;
}>;

export type KeepReason =
  | 'newest'
  | 'daily'
  | 'weekly'
  | 'monthly'
  | 'newest-of-source'
  | 'newest-proven'
  | 'pinned'
  | 'safety';

export type RetentionDecision = Readonly<{
  backupId: string;
  /** Empty: no rule keeps it. */
  reasons: readonly KeepReason[];
  /** A safety backup past its 30 days, of a state that was backed up since: offered for deletion, never pruned. */
  offered: boolean;
}>;

const dayMs = 24 * 60 * 60 * 1000;
const safetyDays = 30;

/**
 * Which backups of one install some rule keeps, newest first. Each source is judged on its own, and a backup goes only when no
 * source in it needs it. Safety backups are outside of all counts. A backup with no whole source is needed by none.
 */
export function decideRetention(
  backups: readonly RetentionFacts[],
  rules: RetentionSettings,
  nowMs: number,
): readonly RetentionDecision[] {
  const newestFirst = backups.toSorted((a, b) => b.timestampMs - a.timestampMs || compareIds(a, b));
  const reasons = new Map<string, Set<KeepReason>>(backups.map((backup) => [backup.backupId, new Set()]));
  const keep = (backup: RetentionFacts, reason: KeepReason): void =>
    void reasons.get(backup.backupId)?.add(reason);
  const counted = newestFirst.filter((backup) => !isSafety(backup));
  const holding = bySource(counted, (backup) => backup.sources);
  for (const ofSource of holding.values()) {
    keepBySource(ofSource, { rules, nowMs, keep });
    // However old it is, and whatever safety backup is newer.
    const [last] = ofSource;
    if (last !== undefined) keep(last, 'newest-of-source');
  }
  for (const [newest] of bySource(counted, (backup) => backup.provenSources).values()) {
    if (newest !== undefined) keep(newest, 'newest-proven');
  }
  for (const backup of newestFirst) {
    if (backup.pinned) keep(backup, 'pinned');
    if (isSafety(backup)) keep(backup, 'safety');
  }
  return newestFirst.map((backup) => ({
    backupId: backup.backupId,
    reasons: [...(reasons.get(backup.backupId) ?? [])],
    offered: isSafety(backup) && isPast(backup, { holding, nowMs }),
  }));
}

/** While nothing was backed up since the restore, the restored state is the newest, and may have to be undone. */
function isPast(
  { timestampMs, sources }: RetentionFacts,
  { holding, nowMs }: Readonly<{ holding: BySource; nowMs: number }>,
): boolean {
  if (nowMs - timestampMs <= safetyDays * dayMs) return false;
  return sources.every((source) => (holding.get(source)?.[0]?.timestampMs ?? -Infinity) > timestampMs);
}

function isSafety({ trigger }: RetentionFacts): boolean {
  return trigger === 'pre_migration';
}

type SourceRun = Readonly<{
  rules: RetentionSettings;
  nowMs: number;
  keep: (backup: RetentionFacts, reason: KeepReason) => void;
}>;

function keepBySource(counted: readonly RetentionFacts[], run: SourceRun): void {
  const { rules, keep } = run;
  const young = counted.filter((backup) => run.nowMs - backup.timestampMs <= rules.maxAgeDays * dayMs);
  for (const backup of young.slice(0, rules.newest)) keep(backup, 'newest');
  keepOnePer(young, { count: rules.daily, period: dayOf, reason: 'daily', keep });
  keepOnePer(young, { count: rules.weekly, period: weekOf, reason: 'weekly', keep });
  keepOnePer(young, { count: rules.monthly, period: monthOf, reason: 'monthly', keep });
}

type PeriodRule = Readonly<{
  count: number;
  period: (timestampMs: number) => string;
  reason: KeepReason;
  keep: (backup: RetentionFacts, reason: KeepReason) => void;
}>;

/** Keeps the newest backup of each of the newest `count` periods that hold one. */
function keepOnePer(newestFirst: readonly RetentionFacts[], rule: PeriodRule): void {
  const seen = new Set<string>();
  for (const backup of newestFirst) {
    const period = rule.period(backup.timestampMs);
    if (seen.has(period)) continue;
    if (seen.size >= rule.count) return;
    seen.add(period);
    rule.keep(backup, rule.reason);
  }
}

/** Periods are those of the operator's own calendar, whose days may have 23 or 25 hours. */
function dayOf(timestampMs: number): string {
  return dateText(new Date(timestampMs));
}

/** By the Monday with which the week begins. */
function weekOf(timestampMs: number): string {
  const date = new Date(timestampMs);
  const sinceMonday = (date.getDay() + 6) % 7;
  return dateText(new Date(date.getFullYear(), date.getMonth(), date.getDate() - sinceMonday));
}

function monthOf(timestampMs: number): string {
  const date = new Date(timestampMs);
  return `${date.getFullYear()}-${date.getMonth() + 1}`;
}

function dateText(date: Date): string {
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

type BySource = ReadonlyMap<string, readonly RetentionFacts[]>;

/** Backups by source, each list in the order given. */
function bySource(
  backups: readonly RetentionFacts[],
  sourcesOf: (backup: RetentionFacts) => readonly string[],
): BySource {
  const lists = new Map<string, RetentionFacts[]>();
  for (const backup of backups) {
    for (const source of sourcesOf(backup)) {
      const list = lists.get(source);
      if (list === undefined) lists.set(source, [backup]);
      else list.push(backup);
    }
  }
  return lists;
}

function compareIds(a: RetentionFacts, b: RetentionFacts): number {
  if (a.backupId === b.backupId) return 0;
  return a.backupId < b.backupId ? 1 : -1;
}
