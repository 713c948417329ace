import { z } from 'zod';
import { judgement, statusSource } from '../../model/status.ts';
import { quietStartView } from '../../model/quiet-start.ts';
import { type CallSpec, isoTime, nothing } from './parts.ts';

const agentsState = z.object({
  agents: z.array(
    z.object({
      agent: z.string(),
      coverage: z.enum(['covered', 'partly', 'none', 'left-out']),
      lastBackupAt: isoTime.nullable(),
      bytes: z.number(),
      frozenMs: z.number(),
      volumes: z.array(z.string()),
    }),
  ),
  volumes: z.array(
    z.object({
      volume: z.string(),
      agents: z.array(z.string()),
      coverage: z.enum(['covered', 'failed', 'never', 'left-out', 'gone']),
      lastBackupAt: isoTime.nullable(),
      bytes: z.number().nullable(),
      frozenMs: z.number().nullable(),
      consistency: z.string().nullable(),
    }),
  ),
  ownerless: z.array(z.string()),
  newVolumes: z.array(z.string()),
});

const statusOutput = z.object({
  ...judgement.shape,
  sources: z.array(statusSource),
  /** Null while the vault is not open. */
  memory: agentsState.nullable(),
  warnings: z.array(z.string()),
  /** Null while nothing is planned. */
  nextRunAt: isoTime.nullable(),
  /** What a restore has turned off, until `quietStart.end`; null: nothing. */
  quietStart: quietStartView.nullable(),
});

/** How all stands, and trying again where a run was cut off. */
export const statusCalls = {
  'status.get': { input: nothing, output: statusOutput },
  /** Tries once more to put right what an interrupted run left. */
  'recovery.run': {
    input: nothing,
    /** Why something could not be put right yet; null: all is. */
    output: z.object({ problem: z.string().nullable() }),
  },
} as const satisfies Record<string, CallSpec>;
