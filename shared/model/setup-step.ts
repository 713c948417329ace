import { z } from 'zod';

/** Where a set-up in the pages goes on once there is a vault: the recovery kit, the schedule, the first backup and its proof. */
export const setupStep = z.enum(['key', 'schedule', 'backup']);

export type SetupStep = z.infer<typeof setupStep>;
