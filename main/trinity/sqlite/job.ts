import { z } from 'zod';

/** What the child is asked to do; sent to it as a message, so that no path stands in a command line. */
export type SqliteJob =
  | Readonly<{
      job: 'copy';
      /** The live database. */
      source: string;
      /** Where the copy goes: nothing is there, in a private folder. */
      target: string;
      /** Larger ones are copied page by page. */
      vacuumUpToBytes: number;
      busyMs: number;
    }>
  | Readonly<{
      job: 'check';
      file: string;
      /** An empty private folder for a copy with sidecars. */
      scratch: string;
      depth: 'quick' | 'full';
    }>;

const rowCounts = z.record(z.string(), z.number());

const copied = z.object({
  event: z.literal('copied'),
  method: z.enum(['vacuum', 'pages', 'raw']),
  lockedMs: z.number(),
  /** Why it is no sound database, for people. */
  damaged: z.string().optional(),
  rowCounts,
});

const checked = z.object({ event: z.literal('checked'), problems: z.array(z.string()), rowCounts });

/** Why a job ended without a result; `unchecked` says nothing of the database itself. */
const failed = z.object({
  event: z.literal('failed'),
  reason: z.enum(['missing', 'busy', 'full', 'unchecked']),
  message: z.string(),
});

/** Sent while other processes cannot write the database, and when they can again. */
const locked = z.object({ event: z.literal('locked') });
const unlocked = z.object({ event: z.literal('unlocked') });

export const sqliteEvent = z.discriminatedUnion('event', [copied, checked, failed, locked, unlocked]);

export type CopiedEvent = Readonly<z.infer<typeof copied>>;
export type CheckedEvent = Readonly<z.infer<typeof checked>>;
export type FailedEvent = Readonly<z.infer<typeof failed>>;
export type SqliteEvent = Readonly<z.infer<typeof sqliteEvent>>;
export type LockListener = (event: 'locked' | 'unlocked') => void;
