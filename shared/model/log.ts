import { z } from 'zod';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;

export const logLevel = z.enum(logLevels);

/** One line of the log, without secrets. */
export const logLine = z.strictObject({
  atMs: z.number(),
  level: logLevel,
  part: z.string(),
  message: z.string(),
  fields: z.record(z.string(), z.json()),
});

export type LogLine = Readonly<z.infer<typeof logLine>>;

/** `level`: this one and worse. */
export const logQuestion = z.strictObject({
  limit: z.number().int().min(1).max(1000).default(200),
  level: logLevel.optional(),
  part: z.string().max(64).optional(),
  beforeMs: z.number().optional(),
});

export type LogQuestion = Readonly<z.infer<typeof logQuestion>>;
