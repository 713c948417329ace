import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { AppError, type ErrorKind, errorKinds } from '../../../shared/lib/app-error.ts';

/** An error of the API, RFC 9457. `kind` is what programs branch on. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  kind: z.enum(errorKinds),
  /** With 403: the entitlement that is missing. */
  entitlement: z.string().optional(),
});

export type Problem = Readonly<z.infer<typeof problem>>;

export const problemType = 'application/problem+json; charset=utf-8';

const statuses: Readonly<Record<ErrorKind, number>> = {
  usage: 400,
  'not-found': 404,
  'not-entitled': 403,
  busy: 409,
  cancelled: 409,
  damaged: 422,
  refused: 422,
  incomplete: 500,
  failed: 500,
  'no-key': 503,
  unavailable: 503,
};

/** The status of an error; one that is of HTTP itself brings its own in its details. */
export function statusOf({ kind, details }: AppError): number {
  const { status } = details;
  return typeof status === 'number' ? status : statuses[kind];
}

export function httpError(status: number, kind: ErrorKind, message: string): AppError {
  return new AppError(kind, message, { details: { status } });
}

/** What goes out of an error. What is not made for people, and where things lie on this machine, stays behind. */
export function problemOf(error: AppError): Problem {
  const status = statusOf(error);
  const { entitlement } = error.details;
  return {
    type: `urn:trinity-backup:problem:${error.kind}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: withoutPaths(error.message),
    kind: error.kind,
    ...(typeof entitlement === 'string' ? { entitlement } : {}),
  };
}

/** Absolute paths, and addresses with paths in them, as `…`. */
export function withoutPaths(text: string): string {
  return text
    .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/[^\s"',;()<>]+/giu, '…')
    .replaceAll(/(?<![\w.…])\/[^\s"',;:()<>]*[^\s"',;:()<>.]/gu, '…');
}
