import { z } from 'zod';

/** Why a backup was made; `pre_migration` is the safety backup before a restore. */
export const trigger = z.enum(['scheduled', 'manual', 'startup', 'shutdown', 'pre_migration']);

export type Trigger = z.infer<typeof trigger>;
