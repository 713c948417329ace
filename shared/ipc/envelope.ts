import { z } from 'zod';
import { AppError, errorKinds } from '../lib/app-error.ts';

/** What answers a call: errors never cross as exceptions, which would lose all but their text. */
export const envelope = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), value: z.unknown() }),
  z.strictObject({
    ok: z.literal(false),
    error: z.strictObject({
      kind: z.enum(errorKinds),
      message: z.string(),
      /** Facts to branch on, plain JSON (`absent: true`, the entitlement that is missing). */
      details: z.record(z.string(), z.json()),
    }),
  }),
]);

export type Envelope = Readonly<z.infer<typeof envelope>>;

/** The value, or the error as it was thrown on the other side. */
export function valueOf(answer: unknown): unknown {
  const parsed = envelope.safeParse(answer);
  if (!parsed.success) throw new AppError('failed', 'The answer was not understood: reload the page.');
  if (parsed.data.ok) return parsed.data.value;
  const { kind, message, details } = parsed.data.error;
  throw new AppError(kind, message, { details });
}

/** An error as it crosses; details that are no JSON (buffers, bigints) stay behind. */
export function crossingError({
  kind,
  message,
  details,
}: AppError): Extract<Envelope, { ok: false }>['error'] {
  const crossing = Object.entries(details).flatMap(([name, value]) => {
    const parsed = z.json().safeParse(value);
    return parsed.success ? [[name, parsed.data] as const] : [];
  });
  return { kind, message, details: Object.fromEntries(crossing) };
}

export function errorEnvelope(error: AppError): Envelope {
  return { ok: false, error: crossingError(error) };
}
