import { z } from 'zod';
import { agentVolume, listedAgent } from '../../model/agent-list.ts';
import { type CallSpec, nothing } from './parts.ts';

const bytes = z.number();

/** Agents as they are today, and how they are backed up. */
export const agentCalls = {
  'agents.list': {
    input: nothing,
    output: z.object({
      agents: z.array(listedAgent),
      /** Volumes that belong to no agent, and are backed up only when they are asked for. */
      ownerless: z.array(agentVolume),
      /** What could not be looked up, as sentences. */
      problems: z.array(z.string()),
      /** Unless it was read, nobody knows which of them backups hold; that no key opens it is no sentence of `problems`. */
      vault: z.enum(['open', 'locked', 'unreadable']),
    }),
  },
  /** What volumes hold now, and how much of it patterns leave out; those that are not in a folder here are missing. */
  'agents.sizes': {
    input: nothing,
    output: z.object({
      volumes: z.array(z.object({ volume: z.string(), bytes, excludedBytes: bytes })),
      /** It took too long: the rest was not counted. */
      isCut: z.boolean(),
    }),
  },
} as const satisfies Record<string, CallSpec>;
