import { z } from 'zod';

/** What kept a run from being good, as far as it decides what mends it. */
export const failureKind = z.enum(['away', 'full', 'locked', 'install', 'damaged', 'other']);

export type FailureKind = z.infer<typeof failureKind>;
