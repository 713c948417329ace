import { AppError } from '../../../shared/lib/app-error.ts';
import type { ErrorKind } from '../../../shared/lib/app-error.ts';
import type { S3Credentials } from '../../../shared/model/s3-credentials.ts';
import type { TestHook } from '../test-hook.ts';
import { S3Calls } from './line/s3-calls.ts';
import type { Call } from './line/s3-calls.ts';
import { connectS3 } from './line/s3-connection.ts';
import type { S3Parts } from './line/s3-parts.ts';
import { headObject } from './objects/s3-object.ts';
import { topNames } from './objects/s3-list.ts';
import { s3PlaceText } from './s3-place.ts';
import type { S3Place } from './s3-place.ts';
import { S3Storage } from './s3-storage.ts';
import { TransferLimits } from '../transfer-limits.ts';

export type S3StorageOptions = TestHook &
  Readonly<{
    credentials?: S3Credentials | undefined;
    /** Shared by all storages of a process; without any it goes as fast as it can. */
    limits?: TransferLimits | undefined;
    absentKind?: ErrorKind | undefined;
  }>;

/** Whoever asks whether a vault is there need not wait for the end of a long outage. */
const openingAttempts = 4;
const headerNames: readonly string[] = ['vault.json', 'vault-copy.json'];
/** What a killed `init` may have left, before there was a vault. Anything else is not ours to build on. */
const unfinishedNames: ReadonlySet<string> = new Set(['tmp', 'keys', 'locks']);
const dataNames: ReadonlySet<string> = new Set(['packs', 'index', 'backups', 'trash']);

/** Opens the storage of a vault in a bucket. Nothing is made; without a vault's header there it is `absentKind`. */
export async function openS3Storage(place: S3Place, options: S3StorageOptions = {}): Promise<S3Storage> {
  const s3 = await partsOf(place, { ...options, attempts: openingAttempts });
  const { place: location } = s3.calls;
  // The list comes first: unlike the answer to a HEAD it says why it is refused.
  const names = await topNames(s3, opening);
  for (const name of headerNames) {
    if (!names.includes(name) && !(await isThere(s3, name))) continue;
    return new S3Storage({ ...s3, calls: callsOf(place, options) }, options);
  }
  if (names.some((name) => dataNames.has(name))) {
    throw new AppError(
      'damaged',
      `Both copies of the vault's header at ${location} are missing. Put vault.json back from a copy of the vault.`,
    );
  }
  throw new AppError(
    options.absentKind ?? 'unavailable',
    `There is no vault at ${location}. Check bucket, prefix and endpoint in the location.`,
    { details: { absent: true } },
  );
}

/** The storage of a new vault, for `init` alone; `usage` where a vault or anything foreign is. */
export async function createS3Storage(place: S3Place, options: S3StorageOptions = {}): Promise<S3Storage> {
  const s3 = await partsOf(place, { ...options, attempts: openingAttempts });
  const { place: location } = s3.calls;
  const names = await topNames(s3, opening);
  if (names.some((name) => headerNames.includes(name))) {
    throw new AppError(
      'usage',
      `There is a vault at ${location} already. Open it with connect, or name another prefix.`,
    );
  }
  if (names.some((name) => !unfinishedNames.has(name))) {
    throw new AppError('usage', `The place ${location} is not empty. Name a new prefix for the vault.`);
  }
  return new S3Storage({ ...s3, calls: callsOf(place, options) }, options);
}

type PartsOptions = S3StorageOptions & Readonly<{ attempts?: number }>;

/** What calls to a place are made with, whatever lies there. */
export async function partsOf(place: S3Place, options: PartsOptions): Promise<S3Parts> {
  const { credentials, limits = new TransferLimits() } = options;
  const location = s3PlaceText(place);
  if (credentials === undefined) {
    throw new AppError(
      'usage',
      `There are no credentials for ${location}. Give them with --credentials-file, or in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
    );
  }
  const connection = await connectS3(place, credentials);
  return { connection, calls: callsOf(place, options), limits };
}

function callsOf(place: S3Place, { stallLimitMs, firstPauseMs, attempts, hook }: PartsOptions): S3Calls {
  return new S3Calls({ place: s3PlaceText(place), stallLimitMs, firstPauseMs, attempts, hook });
}

const opening: Call = { operation: 'list', name: '' };

async function isThere(s3: S3Parts, name: string): Promise<boolean> {
  const call: Call = { operation: 'stat', name };
  return (await s3.calls.again(call, async (attempt) => await headObject(s3, name, attempt))) !== undefined;
}
