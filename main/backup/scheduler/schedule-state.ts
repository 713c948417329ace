import { z } from 'zod';

/** Why the next run is due when it is; code branches on it, people read `scheduleReasonText`. */
export const planReason = z.enum([
  /** An interval after the last good backup. */
  'interval',
  /** There is no backup yet. */
  'first',
  /** It was missed: the machine slept, or nothing ran. */
  'catch-up',
  'startup',
  /** After a run that did not go well. */
  'retry',
  /** The vault's place is away. */
  'waiting',
  /** Another run is on, here or on another host. */
  'busy',
  'paused',
  /** Trinity prunes its database just now. */
  'database',
]);

export type PlanReason = z.infer<typeof planReason>;

const moment = z.number().int();

export const schedulePlan = z.strictObject({ atMs: moment, reason: planReason });

export type SchedulePlan = Readonly<z.infer<typeof schedulePlan>>;

/** What a home remembers of its schedule; times in ms since 1970. */
export const scheduleState = z.strictObject({
  version: z.literal(1),
  /** When the last whole, good backup began, whatever its trigger. */
  lastSuccessMs: moment.optional(),
  /** Runs that did not go well, one after the other. */
  failures: z.number().int().nonnegative().default(0),
  /** There once a scheduler has run in this home. */
  plan: schedulePlan.optional(),
});

export type ScheduleState = Readonly<z.infer<typeof scheduleState>>;
