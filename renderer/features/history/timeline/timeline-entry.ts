import type { CallOutput } from '../../../../shared/ipc/contract.ts';

/** A row of the timeline, as the engine gives it out. */
export type TimelineEntry = CallOutput<'history.timeline'>['rows'][number];
