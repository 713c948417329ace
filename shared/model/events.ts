import { z } from 'zod';
import { trigger } from './trigger.ts';

const time = z.number();

/** What a run may be: those that change vault or install, of which there is one at a time, and those beside them. */
const runKind = z.enum(['backup', 'restore', 'change', 'verify', 'drill', 'copy', 'export']);

export type RunKind = z.infer<typeof runKind>;

export const runStep = z.strictObject({ number: z.number(), of: z.number(), name: z.string() });

const runLabel = {
  /** Tells runs of this process apart. */
  runId: z.string(),
  what: runKind,
  /** Of a backup. */
  trigger: trigger.optional(),
  /** Of a restore: what is restored, within a sentence. */
  subject: z.string().optional(),
  startedMs: time,
};

/** What happens in the application, by name; times in ms since 1970. Pages get them as they are. */
export const eventModels = {
  runStarted: z.strictObject(runLabel),
  /** At most ten a second for each run, and each new step. */
  runProgress: z.strictObject({
    ...runLabel,
    phase: z.string(),
    done: z.number(),
    total: z.number().optional(),
    unit: z.enum(['bytes', 'files']),
    /** Beside bytes, where they are counted. */
    files: z.number().optional(),
    detail: z.string(),
    /** Of a restore: the one that is on, from 1; names are those of restore-steps.ts. */
    step: runStep.optional(),
  }),
  runFinished: z.strictObject({
    ...runLabel,
    finishedMs: time,
    outcome: z.enum(['succeeded', 'incomplete', 'failed', 'cancelled', 'skipped']),
    backupId: z.string().optional(),
    /** Why it did not go well: one sentence. */
    message: z.string().optional(),
  }),
  /** Settings were changed by whichever way; names as in the settings file: `install`, `scheduleHours`. */
  settingsChanged: z.strictObject({ names: z.array(z.string()) }),
  /** Backups or keys in the vault, or the vault itself, may be others than before. */
  vaultChanged: z.strictObject({}),
  /** The next run, a pause, or whether runs are planned at all. */
  scheduleChanged: z.strictObject({ nextRunMs: time.optional() }),
  statusChanged: z.strictObject({ state: z.string(), sentence: z.string() }),
  /** Nothing has happened but time: “12 min ago”. */
  statusAged: z.strictObject({ sentence: z.string() }),
  noticesChanged: z.strictObject({}),
  copiesChanged: z.strictObject({}),
  activityRecorded: z.strictObject({}),
} as const;

export type EventName = keyof typeof eventModels;
export type EventOf<Name extends EventName> = Readonly<z.infer<(typeof eventModels)[Name]>>;

/** One event with its name. */
export type AppEvent = { [Name in EventName]: Readonly<{ name: Name; event: EventOf<Name> }> }[EventName];
