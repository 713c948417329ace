import { z } from 'zod';
import { errorKinds } from '../../lib/app-error.ts';
import { backupId } from '../../model/backup-id.ts';
import { runStep } from '../../model/events.ts';
import { keyChoice, planChange, plannedPath, restorePlan } from '../../model/restore-plan.ts';
import { trigger } from '../../model/trigger.ts';
import {
  type CallSpec,
  findings,
  hostPath,
  isoTime,
  nameList,
  nothing,
  pathList,
  shortName,
} from './parts.ts';

export const backupOutcome = z.object({
  backupId,
  trigger,
  timestamp: isoTime,
  components: z.array(z.string()),
  files: z.number(),
  bytes: z.number(),
  bytesAdded: z.number(),
  bytesStored: z.number(),
  durationMs: z.number(),
  frozenMs: z.number(),
  lockedMs: z.number(),
  incomplete: z.boolean(),
  warnings: findings,
  notes: findings,
});

export const restoreOutcome = z.object({
  backupId,
  restored: z.array(z.string()),
  safetyBackupId: backupId.nullable(),
  restartRequired: z.boolean(),
  files: z.number(),
  bytes: z.number(),
  stoppedMs: z.number(),
  warnings: findings,
  notes: findings,
});

/** What was done of what was left of a new install; null when nothing was left. */
const finishOutcome = z.object({
  backupId,
  isDone: z.boolean(),
  database: z.enum(['loaded', 'waiting', 'none']),
  started: z.array(z.string()),
  safetyBackupId: backupId.nullable(),
  /** What somebody has to do before the rest can be done. */
  nextStep: z.string().nullable(),
  /** The same for a page, which offers to finish again by itself. */
  waitsFor: z.object({ why: z.string(), command: z.string().nullable() }).nullable(),
  warnings: findings,
  notes: findings,
});

const verifyOutcome = z.object({
  ok: z.boolean(),
  checkedBytes: z.number(),
  contentBytes: z.number(),
  damaged: z.array(
    z.object({
      object: z.string(),
      reason: z.string(),
      backups: z.array(z.string()),
      sources: z.array(z.string()),
    }),
  ),
  notes: z.array(z.string()).optional(),
});

const drillFindings = z.array(z.object({ source: z.string(), message: z.string() }));

const drillOutcome = z.object({
  backupId,
  ok: z.boolean(),
  proven: z.array(z.string()),
  failed: drillFindings,
  skipped: drillFindings,
  credential: z.object({ state: z.enum(['opened', 'untested', 'failed']), message: z.string().optional() }),
  restoredBytes: z.number(),
  durationMs: z.number(),
});

const proofOutcome = z.object({
  backupId,
  ok: z.boolean(),
  /** What to say of it: one sentence. */
  words: z.string(),
  /** A file that was compared with the live one, byte by byte. */
  file: z.object({ path: z.string(), bytes: z.number() }).nullable(),
  /** Sources that were restored to a scratch place and hold. */
  proven: z.array(z.string()),
  failed: drillFindings,
  /** What is left to later rehearsals. */
  skipped: drillFindings,
  restoredBytes: z.number(),
});

const exportOutcome = z.object({
  backupId,
  output: z.string(),
  sources: z.array(z.string()),
  files: z.number(),
  bytes: z.number(),
  archiveBytes: z.number(),
  warnings: findings,
  notes: findings,
  /** The copy that was read; null: the vault itself. */
  from: z.string().nullable(),
});

const copiesOutcome = z.object({
  copies: z.array(
    z.object({
      name: z.string(),
      copied: z.array(z.string()),
      trashed: z.array(z.string()),
      sentPacks: z.number(),
      sentBytes: z.number(),
      problems: z.array(z.string()),
      healed: z.object({ packs: z.number(), backups: z.array(z.string()), stillLost: z.number() }).nullable(),
    }),
  ),
  failed: z.array(z.object({ name: z.string(), kind: z.enum(errorKinds), message: z.string() })),
});

export const progress = z.object({
  phase: z.string(),
  done: z.number(),
  /** Left out while it is not known. */
  total: z.number().optional(),
  unit: z.enum(['bytes', 'files']),
  /** Beside bytes, where they are counted. */
  files: z.number().optional(),
  detail: z.string(),
  step: runStep.optional(),
});

const taskBase = {
  taskId: z.string(),
  state: z.enum(['running', 'succeeded', 'failed']),
  startedAt: isoTime,
  finishedAt: isoTime.nullable(),
  progress: progress.nullable(),
  /** Of a restore: those that have begun, in their order; which there are in all, `restoreSteps` says. */
  steps: z.array(z.object({ ...runStep.shape, startedAt: isoTime, finishedAt: isoTime.nullable() })),
  /** Of a failed one; `cancelled` is a kind too. `details` are facts to branch on. */
  error: z
    .object({ kind: z.enum(errorKinds), message: z.string(), details: z.record(z.string(), z.json()) })
    .nullable(),
} as const;

/** Long work under way or done; `result` is null until it has succeeded. */
export const task = z.discriminatedUnion('operation', [
  z.object({ ...taskBase, operation: z.literal('backup'), result: backupOutcome.nullable() }),
  z.object({ ...taskBase, operation: z.literal('restore'), result: restoreOutcome.nullable() }),
  z.object({ ...taskBase, operation: z.literal('finish'), result: finishOutcome.nullable() }),
  z.object({ ...taskBase, operation: z.literal('restorePlan'), result: restorePlan.nullable() }),
  z.object({ ...taskBase, operation: z.literal('verify'), result: verifyOutcome.nullable() }),
  z.object({ ...taskBase, operation: z.literal('drill'), result: drillOutcome.nullable() }),
  z.object({ ...taskBase, operation: z.literal('prove'), result: proofOutcome.nullable() }),
  z.object({ ...taskBase, operation: z.literal('export'), result: exportOutcome.nullable() }),
  z.object({ ...taskBase, operation: z.literal('copiesRun'), result: copiesOutcome.nullable() }),
]);

export type Task = Readonly<z.infer<typeof task>>;
export type TaskOperation = Task['operation'];

const taskId = z.string().regex(/^[0-9a-f]{32}$/);
const oneTask = z.strictObject({ taskId });
const started = z.object({ taskId: z.string() });

const restoreInput = z.strictObject({
  backupId,
  only: nameList.min(1).optional(),
  agents: nameList.min(1).optional(),
  paths: pathList.min(1).optional(),
  destination: z.discriminatedUnion('way', [
    z.strictObject({ way: z.literal('to'), folder: hostPath }),
    z.strictObject({ way: z.literal('in-place') }),
    z.strictObject({ way: z.literal('as'), name: shortName }),
    z.strictObject({
      way: z.literal('new-install'),
      folder: hostPath,
      volumesRoot: hostPath.optional(),
      dockerHost: z.string().min(1).max(4096).optional(),
      /** Values of `.env` that are others on this host, of the keys that the plan names; some are secret. */
      hostValues: z.record(z.string().max(64), z.string().max(4096)).optional(),
    }),
  ]),
  /** `if-possible`: where none can be made the restore goes on, and says so. */
  safetyBackup: z.union([z.boolean(), z.literal('if-possible')]),
  startQuietly: z.boolean().optional(),
  keys: keyChoice.optional(),
  /** The copy of the vault to read. */
  from: z.string().max(64).optional(),
});

/** What takes long is begun by a call, told by events, and ended by `tasks.cancel`. */
export const taskCalls = {
  'tasks.list': { input: nothing, output: z.object({ tasks: z.array(task) }) },
  'tasks.get': { input: oneTask, output: task },
  /** Resolves when it has been told; how it ends is the task's to say. */
  'tasks.cancel': { input: oneTask, output: z.object({ taskId: z.string() }) },
  'backup.start': {
    input: z.strictObject({
      only: nameList.min(1).optional(),
      agents: nameList.min(1).optional(),
      note: z.string().max(2000).optional(),
    }),
    output: started,
  },
  /** Compares with what is live, which may take a while: a task, whose result is the plan. */
  'restore.plan': { input: restoreInput, output: started },
  /** A page of the paths behind one number of a plan. */
  'restore.planPaths': {
    input: z.strictObject({
      planId: z.string().max(64),
      source: z.string().max(300),
      change: planChange,
      after: z.number().int().nonnegative().default(0),
      limit: z.number().int().min(1).max(1000).default(500),
    }),
    output: z.object({ paths: z.array(plannedPath), next: z.number().nullable() }),
  },
  'restore.start': { input: restoreInput, output: started },
  /** Does what is left of a new install; `confirm`: also over a database that holds tables. */
  'restore.finish': { input: z.strictObject({ confirm: z.boolean().default(false) }), output: started },
  /** Turns on what a restore has turned off (`status.get` says what, as `quietStart`); once more, it does nothing. */
  'quietStart.end': {
    input: nothing,
    output: z.object({
      /** Null: nothing was off any more. */
      backupId: z.string().nullable(),
      schedules: z.number(),
      runs: z.number(),
      warnings: findings,
      notes: findings,
    }),
  },
  'verify.start': {
    input: z.strictObject({
      backupId: backupId.optional(),
      data: z.enum(['none', 'sample', 'full']),
      /** The copy of the vault to check. */
      from: z.string().min(1).max(64).optional(),
    }),
    output: started,
  },
  'drill.start': { input: z.strictObject({ backupId: backupId.optional() }), output: started },
  /** The proof of a first backup: its database, its configuration and what else is small, in a scratch place. */
  'prove.start': { input: z.strictObject({ backupId }), output: started },
  'export.start': {
    input: z.strictObject({
      backupId,
      agent: shortName.optional(),
      component: shortName.optional(),
      output: hostPath,
    }),
    output: started,
  },
  /** Copies what is new to one further place, or to all. */
  'copies.run': {
    input: z.strictObject({ name: z.string().min(1).max(64).optional(), confirmed: z.boolean().optional() }),
    output: started,
  },
} as const satisfies Record<string, CallSpec>;
