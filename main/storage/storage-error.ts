import { AppError } from '../../shared/lib/app-error.ts';
import type { ErrorKind } from '../../shared/lib/app-error.ts';

/** `place` is the storage's location, `what` the object or folder in it. */
export type StorageErrorContext = Readonly<{ place: string; what: string }>;

type Explanation = Readonly<{ kind: ErrorKind; say: (context: StorageErrorContext) => string }>;

const noRoom: Explanation = {
  kind: 'failed',
  say: ({ place }) =>
    `There is no room left at ${place}. Free space there, or delete old backups and collect, then try again.`,
};
const notAllowed: Explanation = {
  kind: 'failed',
  say: ({ place, what }) =>
    `This user may not use ${what} at ${place}. Give it read and write rights there, or run as the user who has them.`,
};
const isAway: Explanation = {
  kind: 'unavailable',
  say: ({ place }) =>
    `The place ${place} does not answer. Check that its disk or network share is connected and mounted.`,
};
const notPlain: Explanation = {
  kind: 'damaged',
  say: ({ place, what }) =>
    `${what} at ${place} is not a plain file or folder of the vault. Move away what lies there.`,
};
const explanations: ReadonlyMap<string, Explanation> = new Map([
  ['ENOSPC', noRoom],
  ['EDQUOT', noRoom],
  [
    'EFBIG',
    {
      kind: 'failed',
      say: ({ place }) => `${place} cannot hold files this large. Keep the vault on another file system.`,
    },
  ],
  ['EACCES', notAllowed],
  ['EPERM', notAllowed],
  [
    'EROFS',
    { kind: 'failed', say: ({ place }) => `${place} is mounted read-only. Mount it writable and try again.` },
  ],
  [
    'EIO',
    {
      kind: 'failed',
      say: ({ place }) => `The disk under ${place} reports errors. Check the disk, then verify the vault.`,
    },
  ],
  [
    'EUCLEAN',
    {
      kind: 'failed',
      say: ({ place }) => `The file system under ${place} is damaged. Check it, then verify the vault.`,
    },
  ],
  [
    'EMFILE',
    {
      kind: 'failed',
      say: () => 'Too many files are open on this machine. Raise the limit of open files and try again.',
    },
  ],
  [
    'ENFILE',
    {
      kind: 'failed',
      say: () => 'Too many files are open on this machine. Raise the limit of open files and try again.',
    },
  ],
  ['ELOOP', notPlain],
  ['EISDIR', notPlain],
  ['ENOTDIR', notPlain],
  ...[
    'ENODEV',
    'ENXIO',
    'ENOTCONN',
    'ESTALE',
    'ETIMEDOUT',
    'EHOSTDOWN',
    'EHOSTUNREACH',
    'ENETDOWN',
    'ENETUNREACH',
    'EREMOTEIO',
    'ESHUTDOWN',
  ].map((code) => [code, isAway] as const),
]);

/** What a system error means for whoever keeps a vault there; `details.code` is the system's code. Errors of ours pass through. */
export function storageError(error: unknown, context: StorageErrorContext): unknown {
  if (error instanceof AppError) return error;
  const code = systemCode(error);
  if (code === undefined) return error;
  const explanation = explanations.get(code);
  if (explanation === undefined) {
    const message = `Using ${context.what} at ${context.place} failed (${code}). Check the disk there and try again.`;
    return new AppError('failed', message, { cause: error, details: { code } });
  }
  return new AppError(explanation.kind, explanation.say(context), { cause: error, details: { code } });
}

/** The system's code of an error, also of one that `storageError` made. */
export function systemCode(error: unknown): string | undefined {
  if (error instanceof AppError) {
    const code = error.details['code'];
    return typeof code === 'string' ? code : undefined;
  }
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  // A full quota has no name in Node: "Unknown system error -122".
  return 'errno' in error && error.errno === -122 ? 'EDQUOT' : error.code;
}

const unwritableCodes: ReadonlySet<string | undefined> = new Set([
  'EROFS',
  'EACCES',
  'EPERM',
  'ENOSPC',
  'EDQUOT',
]);

/** Whether a call failed since nothing can be written there just now (read-only, full): what only reads can go on. */
export function cannotBeWritten(error: unknown): boolean {
  return unwritableCodes.has(systemCode(error));
}
