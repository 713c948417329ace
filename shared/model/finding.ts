import { z } from 'zod';

/**
 * Something to say of a run. A *note* is an expected omission (a socket, a skipped cache); a *warning* is a loss of content or of
 * certainty, by name. `path` is shown text (escaped where a name is no UTF-8), never used to open anything.
 */
export const finding = z.strictObject({
  code: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
  message: z.string().max(2000),
  component: z.string().max(32).optional(),
  volume: z.string().max(255).optional(),
  path: z.string().max(20_000).optional(),
});

export type Finding = Readonly<z.infer<typeof finding>>;
