import { dayMs } from '../../../shared/lib/time-text.ts';
import type { NoticeBook, NoticeEntry, NoticeMessage } from '../../../shared/model/notice.ts';
import type { Severity, StatusCause } from '../../../shared/model/status.ts';
import type { StatusFacts } from '../status/facts.ts';

export type Situation = Readonly<{
  causes: readonly StatusCause[];
  /** A restore is on: what is seen now says nothing. */
  isUnsettled: boolean;
  /** The vault cannot be looked into: what was seen in it is still so. */
  isBlind: boolean;
  nowMs: number;
}>;

/** What is decided from, as it was judged. */
export function situationOf({ facts, judgement }: Judged, nowMs: number): Situation {
  return {
    causes: judgement.causes,
    isUnsettled: facts.running?.what === 'restore' || facts.isRecovering,
    isBlind: facts.vault !== 'open',
    nowMs,
  };
}

type Judged = Readonly<{
  facts: Pick<StatusFacts, 'running' | 'isRecovering' | 'vault'>;
  judgement: Readonly<{ causes: readonly StatusCause[] }>;
}>;

export type Decision = Readonly<{
  book: NoticeBook;
  messages: readonly NoticeMessage[];
  /** When to decide anew, should nothing happen before. */
  nextMs: number | undefined;
}>;

const severities: readonly Severity[] = ['good', 'info', 'attention', 'bad'];

/** Causes that usually go by themselves with the next run or rehearsal are told when they have not after so long. */
const graceMs: Readonly<Record<string, number>> = { unproven: dayMs, uncovered: dayMs };

/** After how many days something bad that is still there is told again; the last one repeats. */
const reminderDays = [1, 3, 7] as const;

/** Causes that are known without the vault. */
const seenBlindly = /^(?:backup:|locked$|stopped$|unrecovered$)/u;

/** What to say now of the causes that are there, given what was said before: one notice for one cause. */
export function decideNotices(before: NoticeBook, situation: Situation): Decision {
  if (situation.isUnsettled) return { book: before, messages: [], nextMs: undefined };
  const { nowMs } = situation;
  const { present: there, kept, gone } = sorted(before, situation);
  const present = there.map((entry) => decideOne(entry, nowMs));
  const entries = [...present.map(({ entry }) => entry), ...kept];
  const dueTimes = entries.flatMap((entry) => dueMs(entry) ?? []).filter((due) => due > nowMs);
  return {
    book: Object.fromEntries(entries.map((entry) => [entry.cause.key, entry])),
    messages: [
      ...present.flatMap(({ message }) => message ?? []),
      ...gone.flatMap((entry) => withdrawal(entry, nowMs)),
    ],
    nextMs: dueTimes.length === 0 ? undefined : Math.min(...dueTimes),
  };
}

/** What is wrong now, with what was said of it before; nothing is told by looking. */
export function standingNotices(before: NoticeBook, situation: Situation): readonly NoticeEntry[] {
  if (situation.isUnsettled) return Object.values(before);
  const { present, kept } = sorted(before, situation);
  return [...present, ...kept];
}

function sorted(before: NoticeBook, { causes, isBlind, nowMs }: Situation) {
  const keys = new Set(causes.map(({ key }) => key));
  const missing = Object.values(before).filter(({ cause }) => !keys.has(cause.key));
  const kept = missing.filter(({ cause }) => isBlind && !seenBlindly.test(cause.key));
  return {
    present: causes.map((cause) => updated(before[cause.key], cause, nowMs)),
    kept,
    gone: missing.filter((entry) => !kept.includes(entry)),
  };
}

/** A pause of a notice ends with the first thing that is said after it. */
export function paused(entry: NoticeEntry, untilMs: number): NoticeEntry {
  return { ...entry, pausedUntilMs: untilMs };
}

function updated(entry: NoticeEntry | undefined, cause: StatusCause, nowMs: number): NoticeEntry {
  if (entry === undefined) return { cause, sinceMs: nowMs, hasEscalated: false };
  const { told } = entry;
  // A clock that was set back must not silence anything until it has caught up.
  const since = Math.min(entry.sinceMs, nowMs);
  return {
    ...entry,
    cause,
    sinceMs: since,
    ...(told === undefined ? {} : { told: { ...told, atMs: Math.min(told.atMs, nowMs) } }),
  };
}

type One = Readonly<{ entry: NoticeEntry; message?: NoticeMessage }>;

function decideOne(entry: NoticeEntry, nowMs: number): One {
  const due = dueMs(entry);
  if (due === undefined || due > nowMs) return { entry };
  const { cause, told, sinceMs } = entry;
  const event = told === undefined ? 'raised' : isWorse(entry) ? 'escalated' : 'reminded';
  const { pausedUntilMs: _over, ...rest } = entry;
  return {
    entry: {
      ...rest,
      told: { atMs: nowMs, severity: cause.severity, times: (told?.times ?? 0) + 1 },
      hasEscalated: entry.hasEscalated || cause.severity === 'bad' || event === 'escalated',
    },
    message: { event, cause, sinceMs, atMs: nowMs, isSaid: false },
  };
}

/** When it has to be said next; undefined when never again. */
function dueMs(entry: NoticeEntry): number | undefined {
  const { told, pausedUntilMs, cause, sinceMs } = entry;
  if (told === undefined) {
    return Math.max(sinceMs + (graceMs[cause.key] ?? 0), pausedUntilMs ?? -Infinity);
  }
  if (pausedUntilMs !== undefined) return pausedUntilMs;
  if (isWorse(entry)) return told.atMs;
  if (cause.severity !== 'bad') return undefined;
  const days = reminderDays[Math.min(told.times, reminderDays.length) - 1] ?? 1;
  return told.atMs + days * dayMs;
}

function isWorse({ cause, told }: NoticeEntry): boolean {
  return told !== undefined && severities.indexOf(cause.severity) > severities.indexOf(told.severity);
}

function withdrawal(
  { cause, told, sinceMs, hasEscalated }: NoticeEntry,
  nowMs: number,
): readonly NoticeMessage[] {
  if (told === undefined) return [];
  return [{ event: 'withdrawn', cause, sinceMs, atMs: nowMs, isSaid: hasEscalated }];
}
