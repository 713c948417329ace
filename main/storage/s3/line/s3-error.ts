import { AppError } from '../../../../shared/lib/app-error.ts';
import type { ErrorKind } from '../../../../shared/lib/app-error.ts';

/** What an error of a storage service means. */
export type S3Problem = Readonly<{
  error: unknown;
  /** Whether trying again may help. */
  isPassing: boolean;
  /** What the service itself asks to wait. */
  waitMs?: number;
}>;

type Context = Readonly<{ place: string; what: string }>;

/** As much as is known of an error that came from the service or the line to it. */
type Facts = Readonly<{
  code: string;
  status: number | undefined;
  isFromService: boolean;
  waitMs: number | undefined;
}>;

type Meaning = Readonly<{
  kind: ErrorKind;
  isPassing: boolean;
  say: (facts: Facts, context: Context) => string;
  /** The system's code of the same thing on a disk, by which callers branch. */
  systemCode?: string;
  isAbsent?: boolean;
  /** Nothing at all works at the place as it was named, whatever is asked of it. */
  isOfPlace?: true;
}>;

const badCredentials: Meaning = {
  isOfPlace: true,
  kind: 'failed',
  isPassing: false,
  say: ({ code }, { place }) =>
    `The storage does not take the credentials for ${place} (${code}). Give the right access key and secret key.`,
};
const noRoom: Meaning = {
  kind: 'failed',
  isPassing: false,
  systemCode: 'ENOSPC',
  say: (_facts, { place }) =>
    `There is no room left at ${place}. Raise its quota, or delete old backups and collect, then try again.`,
};
const wrongRegion: Meaning = {
  isOfPlace: true,
  kind: 'failed',
  isPassing: false,
  say: (_facts, { place }) =>
    `The bucket of ${place} is in another region or at another endpoint. Name the right ones in the location: region=…, endpoint=….`,
};
const noBucket: Meaning = {
  isOfPlace: true,
  kind: 'unavailable',
  isPassing: false,
  isAbsent: true,
  say: (_facts, { place }) =>
    `There is no bucket for ${place}. Check its name, endpoint and region, or make the bucket at your provider.`,
};
const wrongClock: Meaning = {
  kind: 'failed',
  // The SDK takes the clock of the storage from the refusal.
  isPassing: true,
  say: (_facts, { place }) =>
    `The clocks of this machine and of ${place} differ too much. Set the clock of this machine right.`,
};
const spoiltOnTheWay: Meaning = {
  kind: 'unavailable',
  isPassing: true,
  say: (_facts, { place, what }) =>
    `${what} does not get to ${place} unharmed. Check the network to it and try again.`,
};
const untrusted: Meaning = {
  isOfPlace: true,
  kind: 'failed',
  isPassing: false,
  say: ({ code }, { place }) =>
    `The certificate of ${place} is not trusted (${code}). Name the file with its authority in the location: ca=/path/to/ca.pem.`,
};
const away: Meaning = {
  isOfPlace: true,
  kind: 'unavailable',
  isPassing: true,
  isAbsent: true,
  say: ({ code }, { place }) =>
    `The storage ${place} cannot be reached (${code}). Check the network and the endpoint, then try again.`,
};
const overloaded: Meaning = {
  kind: 'unavailable',
  isPassing: true,
  say: ({ code, status }, { place }) =>
    `The storage ${place} refuses work for now (${textOf(code, status)}). Try again later.`,
};
const notAllowed: Meaning = {
  kind: 'failed',
  isPassing: false,
  systemCode: 'EACCES',
  say: ({ code, status }, { place, what }) =>
    `The credentials may not use ${what} at ${place} (${textOf(code, status)}). Give them the rights to list, read, write and delete there.`,
};
const notFound: Meaning = {
  kind: 'not-found',
  isPassing: false,
  say: (_facts, { place, what }) => `${what} is not in the vault at ${place}. Verify the vault.`,
};
const unsupported: Meaning = {
  kind: 'failed',
  isPassing: false,
  say: ({ code, status }, { place }) =>
    `The storage ${place} cannot do what is needed (${textOf(code, status)}). Run storage-test to see what it lacks.`,
};
const unexpected: Meaning = {
  kind: 'failed',
  isPassing: true,
  say: ({ code, status }, { place, what }) =>
    `Using ${what} at ${place} failed (${textOf(code, status)}). Try again, and ask the provider if it stays.`,
};

const byCode: ReadonlyMap<string, Meaning> = new Map([
  ...[
    'InvalidAccessKeyId',
    'SignatureDoesNotMatch',
    'InvalidToken',
    'ExpiredToken',
    'TokenRefreshRequired',
  ].map((code) => [code, badCredentials] as const),
  ...[
    'QuotaExceeded',
    'QuotaExceededException',
    'EntityTooLarge',
    'XMinioStorageFull',
    'InsufficientStorage',
  ].map((code) => [code, noRoom] as const),
  ...['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'].map(
    (code) => [code, wrongRegion] as const,
  ),
  ['NoSuchBucket', noBucket],
  ['InvalidBucketName', noBucket],
  ['RequestTimeTooSkewed', wrongClock],
  ...[
    'BadDigest',
    'IncompleteBody',
    'XAmzContentSHA256Mismatch',
    'RequestTimeout',
    'InvalidPart',
    'NoSuchUpload',
  ].map((code) => [code, spoiltOnTheWay] as const),
  ...[
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ].map((code) => [code, untrusted] as const),
  ...[
    'ECONNREFUSED',
    'ECONNRESET',
    'ECONNABORTED',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    'EAI_AGAIN',
    'ENETUNREACH',
    'ENETDOWN',
    'EHOSTUNREACH',
    'EHOSTDOWN',
    'ERR_STREAM_PREMATURE_CLOSE',
    'TimeoutError',
  ].map((code) => [code, away] as const),
]);

const passingStatus: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/**
 * What went wrong, for whoever keeps a vault there, and whether it may pass. Errors of ours go through; what neither the service
 * nor the line to it has caused is a mistake of ours and is given back as it is.
 */
export function s3Problem(error: unknown, context: Context): S3Problem {
  if (error instanceof AppError) return { error, isPassing: error.details['isPassing'] === true };
  const facts = factsOf(error);
  const meaning = byCode.get(facts.code) ?? meaningOfStatus(facts.status);
  if (meaning === undefined && !facts.isFromService) return { error, isPassing: false };
  const { kind, isPassing, say, systemCode, isAbsent, isOfPlace } = meaning ?? unexpected;
  const details = {
    code: systemCode ?? facts.code,
    ...(facts.status === undefined ? {} : { status: facts.status }),
    ...(isAbsent === true ? { absent: true } : {}),
    ...(isOfPlace === true ? { isOfPlace } : {}),
  };
  const told = new AppError(kind, say(facts, context), { cause: error, details });
  return { error: told, isPassing, ...(facts.waitMs === undefined ? {} : { waitMs: facts.waitMs }) };
}

/** The status of the answer that an error tells of; undefined where there was none. */
export function statusOf(error: unknown): number | undefined {
  return factsOf(error).status;
}

/** The service's own code of an error (`NoSuchKey`), or the system's. */
export function codeOf(error: unknown): string {
  return factsOf(error).code;
}

function meaningOfStatus(status: number | undefined): Meaning | undefined {
  if (status === undefined) return undefined;
  if (status === 401 || status === 403) return notAllowed;
  if (status === 404) return notFound;
  if (status === 301 || status === 307) return wrongRegion;
  if (status === 405 || status === 501) return unsupported;
  if (status === 413 || status === 507) return noRoom;
  if (status >= 500 || passingStatus.has(status)) return overloaded;
  return undefined;
}

function factsOf(error: unknown): Facts {
  const metadata = fieldOf(error, '$metadata');
  const response = fieldOf(error, '$response');
  const status = fieldOf(metadata, 'httpStatusCode');
  const systemCode = fieldOf(error, 'code');
  const name = error instanceof Error ? error.name : 'Error';
  return {
    code: typeof systemCode === 'string' ? systemCode : name,
    status: typeof status === 'number' ? status : undefined,
    isFromService: metadata !== undefined || response !== undefined || name === 'TimeoutError',
    waitMs: waitMsIn(fieldOf(fieldOf(response, 'headers'), 'retry-after')),
  };
}

const longestWaitMs = 30_000;

function waitMsIn(header: unknown): number | undefined {
  const seconds = typeof header === 'string' ? Number.parseInt(header, 10) : Number.NaN;
  return seconds >= 0 ? Math.min(seconds * 1000, longestWaitMs) : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(code: string, status: number | undefined): string {
  return status === undefined ? code : `${code}, HTTP ${String(status)}`;
}
