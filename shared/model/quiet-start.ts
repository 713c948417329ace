import { z } from 'zod';
import { backupId } from './backup-id.ts';

/** What a restore turned off before the first start of Trinity, so that one call can turn on just that again. */
export const quietStart = z.strictObject({
  backupId,
  restoredAt: z.iso.datetime(),
  /** Checkout of the install that was restored. */
  folder: z.string().max(4096),
  /** The data came from another machine, where Trinity may still run. */
  isForeign: z.boolean(),
  /** Schedules that were on; `name` is `agent/schedule`. */
  schedules: z.array(z.strictObject({ id: z.string().max(255), name: z.string().max(600) })).max(100_000),
  /** Ids of runs that waited for their turn. */
  runs: z.array(z.string().max(255)).max(100_000),
});

export type QuietStart = Readonly<z.infer<typeof quietStart>>;

/** The same for who decides when to turn it on. */
export const quietStartView = z.strictObject({
  backupId: z.string(),
  restoredAt: z.string(),
  /** Trinity may still run on the machine that the data came from. */
  isForeign: z.boolean(),
  /** `agent/schedule` each. */
  schedules: z.array(z.string()),
  waitingRuns: z.number(),
});

export type QuietStartView = Readonly<z.infer<typeof quietStartView>>;
