import { z } from 'zod';
import { backupId } from '../../model/backup-id.ts';
import { retentionSettings } from '../../model/settings.ts';
import { listedEntry } from './backups.ts';
import { type CallSpec, isoTime } from './parts.ts';

const bytes = z.number();

/** What is let go of, and what shows that the rest can be had back. */
export const keepingCalls = {
  /** Files that are as they are there in no other backup that stays, by the rules of the settings or by others. */
  'retention.lastCopies': {
    input: z.strictObject({ backupId, rules: retentionSettings.optional() }),
    output: z.object({ backupId, count: z.number(), bytes, files: z.array(listedEntry) }),
  },
  /** What a rehearsal would restore, and what that takes; `words` is the sentence. */
  'drill.plan': {
    input: z.strictObject({ backupId: backupId.optional() }),
    output: z.object({
      backupId,
      sources: z.array(z.object({ source: z.string(), backupId, bytes })),
      skipped: z.array(z.object({ source: z.string(), message: z.string() })),
      bytes,
      largestBytes: bytes,
      freeBytes: bytes,
      downloadBytes: bytes,
      estimatedMs: z.number().nullable(),
      words: z.string(),
    }),
  },
  /** Whether the recovery key on the paper opens the vault; `no-key` when it does not. */
  'keys.checkRecoveryKey': {
    input: z.strictObject({ recoveryKey: z.string().min(1).max(1000) }),
    output: z.object({ keyId: z.string(), provenAt: isoTime }),
  },
} as const satisfies Record<string, CallSpec>;
