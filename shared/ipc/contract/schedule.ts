import { z } from 'zod';
import { type CallSpec, isoTime, nothing } from './parts.ts';

const schedule = z.object({
  /** `unknown`: no application has run in this home yet. */
  state: z.enum(['running', 'stopped', 'off', 'unknown']),
  everyHours: z.number(),
  /** The next three; none while nothing is planned. */
  nextRuns: z.array(isoTime),
  isPaused: z.boolean(),
  /** Null while paused: until somebody resumes. */
  pausedUntil: isoTime.nullable(),
  lastSuccessAt: isoTime.nullable(),
});

/** What is planned, and what goes on. */
export const scheduleCalls = {
  'schedule.get': { input: nothing, output: schedule },
  'schedule.pause': {
    input: z.strictObject({ until: z.iso.datetime({ offset: true }).optional() }),
    output: schedule,
  },
  'schedule.resume': { input: nothing, output: schedule },
  /** Cancels the backup, restore or change that is going on, whoever began it; `false`: there was none. */
  'run.cancel': { input: nothing, output: z.object({ cancelled: z.boolean() }) },
} as const satisfies Record<string, CallSpec>;
