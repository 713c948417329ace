import { z } from 'zod';
import { backupId } from './backup-id.ts';
import { failureKind } from './failure-kind.ts';
import { trigger } from './trigger.ts';

const count = z.number().int().nonnegative();
const text = z.string().max(4000);
/** Ms since 1970; a clock that was wrong may have said anything. */
const moment = z.number().int();

export const runOutcome = z.enum(['succeeded', 'incomplete', 'failed', 'cancelled', 'skipped']);
export type RunOutcome = z.infer<typeof runOutcome>;

/** Sizes in bytes; how long agents were frozen and the database was locked, in ms. */
const sizes = {
  files: count,
  bytes: count,
  bytesAdded: count,
  bytesStored: count,
  frozenMs: count,
  lockedMs: count,
  warnings: count,
};

/** What became of one source in a run: how each agent's own state over time is told. */
export const runSource = z.strictObject({
  /** As `sourceText`. */
  source: z.string().max(300),
  agents: z.array(z.string().max(255)),
  outcome: z.enum(['succeeded', 'failed', 'skipped']),
  ...sizes,
  /** Why it failed or was skipped. */
  message: text.optional(),
});
export type RunSource = Readonly<z.infer<typeof runSource>>;

/** One run of the engine, as the history tells it. */
export const run = z.strictObject({
  /** Rises with every run; those rebuilt from the vault are below 1. */
  id: z.number().int(),
  operation: z.string().max(64),
  trigger: trigger.optional(),
  startedMs: moment,
  finishedMs: moment,
  outcome: runOutcome,
  backupId: backupId.optional(),
  /** Why it failed or was skipped: one sentence. */
  message: text.optional(),
  /** What kept it from being good. */
  failureKind: failureKind.optional(),
  /** Why it was skipped, for code to branch on. */
  skipReason: z.string().max(64).optional(),
  ...sizes,
  /** Sources that failed in it, `sourceText`. */
  failedSources: z.array(z.string()),
  /** Not seen here, but told by the vault after the history was lost. */
  isRebuilt: z.boolean(),
});
export type Run = Readonly<z.infer<typeof run>>;

const eventSeverity = z.enum(['info', 'warning', 'error']);
export type EventSeverity = z.infer<typeof eventSeverity>;

/** One line of the page Activity. */
export const activityEvent = z.strictObject({
  id: z.number().int(),
  atMs: moment,
  severity: eventSeverity,
  code: z.string().max(64),
  /** One or two sentences for people. */
  words: text,
  runId: z.number().int().optional(),
});
export type ActivityEvent = Readonly<z.infer<typeof activityEvent>>;

export const runFilter = z.strictObject({
  operation: z.string().max(64).optional(),
  trigger: trigger.optional(),
  outcome: runOutcome.optional(),
  component: z.string().max(64).optional(),
  agent: z.string().max(255).optional(),
  /** Only what began then or later. */
  sinceMs: moment.optional(),
});
export type RunFilter = Readonly<z.infer<typeof runFilter>>;

export const eventFilter = z.strictObject({
  severity: eventSeverity.optional(),
  runId: z.number().int().optional(),
});
export type EventFilter = Readonly<z.infer<typeof eventFilter>>;
