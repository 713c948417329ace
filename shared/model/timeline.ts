import { z } from 'zod';
import { backupId } from './backup-id.ts';
import { runOutcome } from './history.ts';
import { statusAction } from './status.ts';
import { trigger } from './trigger.ts';

/** `warnings`: a whole backup that says of something that it may be lost. */
export const timelineOutcome = z.enum([...runOutcome.options, 'warnings']);
export type TimelineOutcome = z.infer<typeof timelineOutcome>;

/** One row of the page History: a backup, or a run that made none. Times in ms since 1970, sizes in bytes. */
export const timelineRow = z.object({
  /** The backup's id, or `run:` and the run's. */
  key: z.string(),
  atMs: z.number(),
  durationMs: z.number(),
  /** `backup`, or what else failed: `restore`, `drill`, `verify`, `copy`. */
  operation: z.string(),
  trigger: trigger.nullable(),
  outcome: timelineOutcome,
  backupId: backupId.nullable(),
  runId: z.number().int().nullable(),
  components: z.array(z.string()).readonly(),
  agents: z.array(z.string()).readonly(),
  files: z.number(),
  bytes: z.number(),
  bytesAdded: z.number(),
  warningCount: z.number(),
  provenSources: z.number(),
  damaged: z.boolean(),
  sourceCount: z.number(),
  pinned: z.boolean(),
  note: z.string().nullable(),
  /** Of another install that keeps its backups in the same vault. */
  isForeign: z.boolean(),
  /** Why it failed or was skipped. */
  message: z.string().nullable(),
  /** A good backup was made since: there is nothing to mend any more. */
  isOver: z.boolean(),
  /** What mends the cause; null where nothing has to be done. */
  action: statusAction.nullable(),
  /** In the trash, and until when; null for what is not. */
  trashedAtMs: z.number().nullable(),
  deadlineMs: z.number().nullable(),
});
export type TimelineRow = Readonly<z.infer<typeof timelineRow>>;

/** Which rows are wanted; `trash`: what was deleted and can still be had back. */
export const timelineFilter = z.strictObject({
  component: z.string().max(64).optional(),
  agent: z.string().max(255).optional(),
  trigger: trigger.optional(),
  outcome: timelineOutcome.optional(),
  trash: z.boolean().default(false),
});
export type TimelineFilter = Readonly<z.output<typeof timelineFilter>>;

/** Where the backups were read: the vault itself, a copy of it while it is away, or nowhere, and why. */
export const timelineSource = z.object({
  state: z.enum(['open', 'copy', 'absent', 'locked', 'away', 'unusable']),
  copy: z.string().nullable(),
  message: z.string().nullable(),
});
export type TimelineSource = Readonly<z.infer<typeof timelineSource>>;
