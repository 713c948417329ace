/** What went wrong, for whoever has to branch on it: a caller, the exit code, a page. */
export const errorKinds = [
  'failed',
  'usage',
  'incomplete',
  'busy',
  'not-found',
  'damaged',
  'no-key',
  'not-entitled',
  'cancelled',
  'unavailable',
  'refused',
] as const;

export type ErrorKind = (typeof errorKinds)[number];

export type ErrorDetails = Readonly<Record<string, unknown>>;

/** An error meant to be shown: `message` is one plain sentence that says what to do, `kind` is what code branches on. */
export class AppError extends Error {
  override name = 'AppError';
  readonly kind: ErrorKind;
  readonly details: ErrorDetails;

  constructor(kind: ErrorKind, message: string, options: { cause?: unknown; details?: ErrorDetails } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.kind = kind;
    this.details = options.details ?? {};
  }
}

const exitCodes: Readonly<Record<ErrorKind, number>> = {
  failed: 1,
  usage: 2,
  incomplete: 3,
  busy: 4,
  'not-found': 5,
  damaged: 6,
  'no-key': 7,
  'not-entitled': 8,
  cancelled: 1,
  unavailable: 1,
  refused: 1,
};

/** The exit code of the command line for an error of this kind. */
export function exitCodeOf(kind: ErrorKind): number {
  return exitCodes[kind];
}

/** Whether `error` is a system error with one of these codes (`ENOENT`, `EXDEV` and so on). */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  );
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
