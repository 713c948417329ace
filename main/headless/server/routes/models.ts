import { z } from 'zod';
import { backupId } from '../../../../shared/model/backup-id.ts';
import { componentName } from '../../../../shared/model/component.ts';
import { errorKinds } from '../../../../shared/lib/app-error.ts';
import { trigger } from '../../../../shared/model/trigger.ts';
import type { ListedBackup } from '../../../app/operations/list.ts';
import { withoutPaths } from '../problem.ts';

/** The models of the API, in snake_case. */
export const manifestModel = z.object({
  backup_id: backupId,
  timestamp: z.iso.datetime(),
  trigger,
  components: z.array(z.string()),
  size_bytes: z.number().int(),
  /** SHA-256 over the listings of its sources. */
  checksum: z.string(),
  trinity_version: z.string().nullable(),
  agents: z.array(z.string()),
  files: z.number().int(),
  duration_ms: z.number().int(),
  /** A source failed. */
  incomplete: z.boolean(),
  warning_count: z.number().int(),
  pinned: z.boolean(),
  note: z.string().nullable(),
});

export type RestManifest = Readonly<z.infer<typeof manifestModel>>;

export function restManifest(backup: ListedBackup): RestManifest {
  return {
    backup_id: backup.backupId,
    timestamp: backup.timestamp,
    trigger: backup.trigger,
    components: [...backup.components],
    size_bytes: backup.bytes,
    checksum: backup.checksum,
    trinity_version: backup.trinityVersion,
    agents: [...backup.agents],
    files: backup.files,
    duration_ms: backup.durationMs,
    incomplete: backup.incomplete,
    warning_count: backup.warningCount,
    pinned: backup.pinned,
    note: backup.note,
  };
}

export const listModel = z.object({
  backups: z.array(manifestModel),
  next_cursor: z.string().nullable(),
  has_more: z.boolean(),
});

export const createBody = z.strictObject({
  components: z.array(componentName).min(1).max(64).optional(),
  agents: z.array(z.string().min(1).max(255)).min(1).max(10_000).optional(),
  note: z.string().max(2000).optional(),
});

export const restoreBody = z.strictObject({
  backup_id: backupId,
  components: z.array(componentName).min(1).max(64).optional(),
  /** One agent, which comes back under the other name `as`, beside the one that lives. */
  agent: z.string().min(1).max(255).optional(),
  as: z.string().min(1).max(255).optional(),
  /** Has to be true: what is live is replaced, or a new agent is made. */
  confirm: z.boolean().optional(),
  /** Go on without a safety backup where none can be made. */
  allow_no_safety_backup: z.boolean().optional(),
});

export const restoreModel = z.object({
  manifest: manifestModel,
  restored_components: z.array(z.string()),
  safety_backup_id: backupId.nullable(),
  restart_required: z.boolean(),
});

export const taskModel = z.object({
  task_id: z.string(),
  operation: z.string(),
  state: z.enum(['running', 'succeeded', 'failed']),
  started_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
  progress: z
    .object({
      phase: z.string(),
      done: z.number(),
      total: z.number().nullable(),
      unit: z.enum(['bytes', 'files']),
      /** Of a restore: the one that is on, from 1. */
      step: z.object({ number: z.number(), of: z.number(), name: z.string() }).nullable(),
    })
    .nullable(),
  /** What the request would have been answered with; null until the task has succeeded. */
  result: z.union([manifestModel, restoreModel]).nullable(),
  error: z.object({ kind: z.enum(errorKinds), detail: z.string() }).nullable(),
});

/** What of an error crosses. */
export function restError(error: Readonly<{ kind: (typeof errorKinds)[number]; message: string }>) {
  return { kind: error.kind, detail: withoutPaths(error.message) };
}
