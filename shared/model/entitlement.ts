import { z } from 'zod';

/** Modules that an edition may have. */
export const moduleId = z.enum(['backup']);
export type ModuleId = z.infer<typeof moduleId>;

/** What the module `backup` opens. Everything else every edition does. */
export const entitledFeature = z.enum(['schedule', 'retention', 'off-host', 'drills', 'rest-writes']);
export type EntitledFeature = z.infer<typeof entitledFeature>;
