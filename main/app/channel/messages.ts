import { z } from 'zod';
import { AppError, errorKinds, messageOf } from '../../../shared/lib/app-error.ts';
import { runStep } from '../../../shared/model/events.ts';
import type { Progress } from '../../backup/services.ts';

/** One line from a further command to the engine of its home. Ending its side of the connection cancels. */
export const requestLine = z.strictObject({
  /** Of the program: engine and command must be the same, since they share these types. */
  version: z.string().max(64),
  operation: z.string().max(64),
  input: z.unknown(),
  /** From the command's environment: opens the vault where the device key does not. */
  passphrase: z.string().max(10_000).optional(),
});

export type RequestLine = Readonly<z.infer<typeof requestLine>>;

/** Lines back: `accepted` (until then nothing was done), any number of `progress`, then one `result` or `error`. */
export const replyLine = z.union([
  z.strictObject({ accepted: z.literal(true) }),
  z.strictObject({
    progress: z.strictObject({
      phase: z.string(),
      done: z.number(),
      total: z.number().optional(),
      unit: z.enum(['bytes', 'files']),
      files: z.number().optional(),
      detail: z.string(),
      step: runStep.optional(),
    }),
  }),
  z.strictObject({ result: z.unknown() }),
  z.strictObject({
    error: z.strictObject({
      kind: z.enum(errorKinds),
      message: z.string(),
      details: z.record(z.string(), z.unknown()),
    }),
  }),
]);

type ReplyLine = z.infer<typeof replyLine>;

export function progressLine(progress: Progress): ReplyLine {
  return { progress };
}

/** What was thrown, as a line: what is no `AppError` becomes `failed`. */
export function errorLine(error: unknown): ReplyLine {
  if (error instanceof AppError) {
    return { error: { kind: error.kind, message: error.message, details: jsonOnly(error.details) } };
  }
  return { error: { kind: 'failed', message: messageOf(error), details: {} } };
}

/** Details that are no JSON (buffers, bigints) stay in the process. */
function jsonOnly(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => z.json().safeParse(value).success));
}
