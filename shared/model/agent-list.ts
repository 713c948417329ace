import { z } from 'zod';

/** How an agent is held while a volume that it writes to is copied. */
export const agentConsistency = z.enum(['pause', 'stop', 'live']);
export type AgentConsistency = z.infer<typeof agentConsistency>;

/** A volume as it is today and in the newest backup; sizes in bytes, null where no backup has it. */
export const agentVolume = z.object({
  volume: z.string(),
  /** `covered`: its last copy is whole. `gone`: it is not there now, and backups hold it. */
  coverage: z.enum(['covered', 'failed', 'never', 'left-out', 'gone']),
  included: z.boolean(),
  /** Why it is in or out: one sentence. */
  reason: z.string(),
  lastBackupAt: z.string().nullable(),
  bytes: z.number().nullable(),
  frozenMs: z.number().nullable(),
  /** How it was held for its last copy: `paused`, `stopped`, `live`, `idle`. */
  held: z.string().nullable(),
});
export type AgentVolume = Readonly<z.infer<typeof agentVolume>>;

export const listedAgent = z.object({
  name: z.string(),
  /** Base of its volumes' names, which no renaming changes: the name of its settings. */
  base: z.string(),
  /** `deleted`: softly, Trinity can bring it back. `destroyed`: only its volumes or backups are left. */
  standing: z.enum(['live', 'deleted', 'destroyed']),
  /** Of its container; null without one. */
  containerState: z.string().nullable(),
  deletedAt: z.string().nullable(),
  included: z.boolean(),
  consistency: agentConsistency,
  /** Why it has no volume of its own to back up. */
  skipped: z.string().nullable(),
  volumes: z.array(agentVolume),
});
export type ListedAgent = Readonly<z.infer<typeof listedAgent>>;
