import { z } from 'zod';
import { backupId } from '../../model/backup-id.ts';
import { copySettings, retentionSettings } from '../../model/settings.ts';
import { s3Credentials } from '../../model/s3-credentials.ts';
import { listedEntry } from './backups.ts';
import { type CallSpec, findings, isoTime, nothing } from './parts.ts';

const copyName = z.string().min(1).max(64);

const prunedBackups = z.array(
  z.object({
    backupId,
    timestamp: isoTime,
    bytesStored: z.number(),
    /** What deleting it gives back; only in a preview. */
    bytesFreed: z.number().optional(),
  }),
);

const pruneOutcome = z.object({
  dryRun: z.boolean(),
  pruned: prunedBackups,
  kept: z.number(),
  offered: prunedBackups,
  waiting: prunedBackups,
  bytesFreed: z.number().nullable().optional(),
});

/** Where backups lie, and how long. */
export const placeCalls = {
  'vault.size': {
    input: nothing,
    output: z.object({
      backups: z.number(),
      packs: z.number(),
      storedBytes: z.number(),
      /** As if each backup were whole: what is saved is the difference. */
      contentBytes: z.number(),
    }),
  },
  'copies.list': {
    input: nothing,
    output: z.array(
      z.object({
        name: z.string(),
        location: z.string(),
        required: z.boolean(),
        enabled: z.boolean(),
        /** Null: what the vault keeps. */
        retention: retentionSettings.nullish(),
        isRunning: z.boolean(),
        copiedAt: isoTime.nullable(),
        behindSince: isoTime.nullable(),
        lacks: z.number().nullable(),
        problem: z.string().nullable(),
        backups: z.number(),
        packs: z.number(),
        bytes: z.number(),
      }),
    ),
  },
  'copies.add': {
    input: z.strictObject({
      location: z.string().min(1).max(4096),
      name: copyName.optional(),
      required: z.boolean().optional(),
      retention: copySettings.shape.retention,
      /** Of a bucket; sealed in the home. */
      credentials: s3Credentials.optional(),
    }),
    output: z.object({
      name: z.string(),
      location: z.string(),
      vaultId: z.string(),
      isNew: z.boolean(),
      warnings: findings,
    }),
  },
  'copies.remove': {
    input: z.strictObject({ name: copyName }),
    output: z.object({ name: z.string(), location: z.string() }),
  },
  /** What these rules, or those of the settings, would move to the trash today, and what that frees. */
  'retention.preview': {
    input: z.strictObject({ rules: retentionSettings.optional() }),
    output: pruneOutcome,
  },
  'retention.prune': { input: z.strictObject({ confirmed: z.boolean() }), output: pruneOutcome },
  /** Files that are as they are there in no other backup that stays, by the rules of the settings or by others. */
  'retention.lastCopies': {
    input: z.strictObject({ backupId, rules: retentionSettings.optional() }),
    output: z.object({ backupId, count: z.number(), bytes: z.number(), files: z.array(listedEntry) }),
  },
} as const satisfies Record<string, CallSpec>;
