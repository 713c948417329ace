import { z } from 'zod';

/** The last millisecond that a `Date` can be. */
const lastMs = 8_640_000_000_000_000;

/** A point in time in ms since 1970 that can be shown: beyond it a `Date` throws. */
export const momentMs = z.number().int().nonnegative().max(lastMs);
