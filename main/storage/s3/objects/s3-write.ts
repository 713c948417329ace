import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { BuildMiddleware } from '@smithy/types';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { Attempt, Call, S3Calls } from '../line/s3-calls.ts';
import type { S3Connection } from '../line/s3-connection.ts';
import { codeOf, statusOf } from '../line/s3-error.ts';
import type { TransferLimits } from '../line/transfer-limits.ts';

export type S3Parts = Readonly<{ connection: S3Connection; calls: S3Calls; limits: TransferLimits }>;

export type ObjectBytes = Readonly<{ name: string; parts: readonly Uint8Array[] }>;

/** Objects above this size go in parts, each of which is tried again on its own. */
const largeBytes = 32 * 1024 * 1024;
const partBytes = 16 * 1024 * 1024;
/** Below this an object goes at once, whatever else is on its way. */
const smallBytes = 256 * 1024;
const sliceBytes = 128 * 1024;
/** Hashed in one go: a few ms. */
const hashBytes = 4 * 1024 * 1024;

/** Writes one object; it is there, in its size, when this resolves. */
export async function writeObject(s3: S3Parts, call: Call, parts: readonly Uint8Array[]): Promise<void> {
  const object = { name: call.name, parts };
  const size = sizeOf(parts);
  if (size <= smallBytes) {
    await putWhole(s3, call, object);
    return;
  }
  await s3.limits.inTurn(call.options?.signal, async () => {
    if (size <= largeBytes) await putWhole(s3, call, object);
    else await putInParts(s3, call, object);
  });
}

async function putWhole(s3: S3Parts, call: Call, object: ObjectBytes): Promise<void> {
  const hash = await hashOf(object.parts);
  await s3.calls.again(call, async (attempt) => {
    await putOnce(s3, { ...object, hash }, attempt);
    await assertStored(s3, object, attempt);
  });
}

/** One PUT. With `onlyNew` the service refuses it (412) where something is. */
export async function putOnce(
  { connection, limits }: S3Parts,
  { name, parts, hash, onlyNew = false }: ObjectBytes & Readonly<{ hash: string; onlyNew?: boolean }>,
  attempt: Attempt,
): Promise<void> {
  const { sdk, client, bucket, keyPrefix } = connection;
  await using body = bodyOf(parts, { limits, attempt });
  const command = new sdk.PutObjectCommand({
    Bucket: bucket,
    Key: keyPrefix + name,
    Body: body.content,
    ContentLength: sizeOf(parts),
    ...(onlyNew ? { IfNoneMatch: '*' } : {}),
  });
  command.middlewareStack.add(signedHash(hash), hashStep);
  await client.send(command, { abortSignal: attempt.signal });
}

/** Rejects as passing when the object is not there in its whole size, whatever the service has answered. */
export async function assertStored(
  s3: S3Parts,
  { name, parts }: ObjectBytes,
  attempt: Attempt,
): Promise<void> {
  const stored = await headObject(s3, name, attempt);
  const size = sizeOf(parts);
  if (stored?.ContentLength === size) return;
  const found = stored === undefined ? 'is not there' : `has ${String(stored.ContentLength)} bytes`;
  throw new AppError(
    'failed',
    `${name} was written to ${s3.calls.place} with ${String(size)} bytes but ${found}. Test the storage with storage-test.`,
    { details: { isPassing: true } },
  );
}

/** What the service tells of an object; undefined where none is. */
export async function headObject(
  { connection: { sdk, client, bucket, keyPrefix } }: Pick<S3Parts, 'connection'>,
  name: string,
  { signal }: Attempt,
): Promise<HeadObjectCommandOutput | undefined> {
  try {
    const command = new sdk.HeadObjectCommand({ Bucket: bucket, Key: keyPrefix + name });
    return await client.send(command, { abortSignal: signal });
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

type Upload = Readonly<{ key: string; id: string }>;

/** What a large object takes; the last part may be small. */
export async function putInParts(s3: S3Parts, call: Call, object: ObjectBytes): Promise<void> {
  const upload = await beginUpload(s3, call);
  try {
    const stored: { ETag: string | undefined; PartNumber: number }[] = [];
    for (const parts of portions(object.parts, partBytes)) {
      const number = stored.length + 1;
      stored.push({ ETag: await putPart(s3, call, { upload, number, parts }), PartNumber: number });
    }
    await endUpload(s3, call, { upload, object, stored });
  } catch (error) {
    await dropUpload(s3, upload);
    throw error;
  }
}

async function beginUpload({ connection, calls }: S3Parts, call: Call): Promise<Upload> {
  const { sdk, client, bucket, keyPrefix } = connection;
  const key = keyPrefix + call.name;
  return await calls.again(call, async ({ signal }) => {
    const command = new sdk.CreateMultipartUploadCommand({ Bucket: bucket, Key: key });
    const { UploadId: id } = await client.send(command, { abortSignal: signal });
    if (id === undefined) throw new Error(`an upload of ${key} began without an id`);
    return { key, id };
  });
}

async function putPart(
  { connection, calls, limits }: S3Parts,
  call: Call,
  { upload, number, parts }: Readonly<{ upload: Upload; number: number; parts: readonly Uint8Array[] }>,
): Promise<string | undefined> {
  const { sdk, client, bucket } = connection;
  const hash = await hashOf(parts);
  return await calls.again(call, async (attempt) => {
    await using body = bodyOf(parts, { limits, attempt });
    const command = new sdk.UploadPartCommand({
      Bucket: bucket,
      Key: upload.key,
      UploadId: upload.id,
      PartNumber: number,
      Body: body.content,
      ContentLength: sizeOf(parts),
    });
    command.middlewareStack.add(signedHash(hash), hashStep);
    return (await client.send(command, { abortSignal: attempt.signal })).ETag;
  });
}

async function endUpload(
  s3: S3Parts,
  call: Call,
  {
    upload: { key, id },
    object,
    stored,
  }: Readonly<{
    upload: Upload;
    object: ObjectBytes;
    stored: readonly Readonly<{ ETag: string | undefined; PartNumber: number }>[];
  }>,
): Promise<void> {
  const { sdk, client, bucket } = s3.connection;
  await s3.calls.again(call, async (attempt) => {
    try {
      const command = new sdk.CompleteMultipartUploadCommand({
        Bucket: bucket,
        Key: key,
        UploadId: id,
        MultipartUpload: { Parts: [...stored] },
      });
      await client.send(command, { abortSignal: attempt.signal });
    } catch (error) {
      // An attempt before this one may have ended it without our hearing of it: what is stored decides.
      if (codeOf(error) !== 'NoSuchUpload') throw error;
    }
    await assertStored(s3, object, attempt);
  });
}

const dropLimitMs = 10_000;

/** What stays costs money, not safety: the next writer sweeps it. */
export async function dropUpload(
  { connection }: Pick<S3Parts, 'connection'>,
  { key, id }: Upload,
): Promise<void> {
  const { sdk, client, bucket } = connection;
  try {
    const command = new sdk.AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: id });
    await client.send(command, { abortSignal: AbortSignal.timeout(dropLimitMs) });
  } catch {
    // Away, or ended meanwhile.
  }
}

/** The bytes on their way: paced, and each slice that leaves is progress. What is not sent any more is let go of at the end. */
function bodyOf(
  parts: readonly Uint8Array[],
  way: Readonly<{ limits: TransferLimits; attempt: Attempt }>,
): Readonly<{ content: Readable | Buffer }> & AsyncDisposable {
  if (sizeOf(parts) <= smallBytes) {
    return { content: Buffer.concat(parts), [Symbol.asyncDispose]: async () => await Promise.resolve() };
  }
  const content = Readable.from(paced(parts, way), { objectMode: false, highWaterMark: sliceBytes });
  // Told by the request that it belongs to.
  content.on('error', () => undefined);
  return {
    content,
    [Symbol.asyncDispose]: async () => {
      content.destroy();
      await Promise.resolve();
    },
  };
}

async function* paced(
  parts: readonly Uint8Array[],
  { limits, attempt }: Readonly<{ limits: TransferLimits; attempt: Attempt }>,
): AsyncGenerator<Uint8Array> {
  for (const slice of slices(parts, sliceBytes)) {
    await limits.pass('upload', slice.length, attempt.signal);
    attempt.progress();
    yield slice;
  }
}

/** The SHA-256 of the bytes in hex, made between other work. */
export async function hashOf(parts: readonly Uint8Array[]): Promise<string> {
  const hash = createHash('sha256');
  for (const slice of slices(parts, hashBytes)) {
    hash.update(slice);
    if (slice.length === hashBytes) await setImmediate();
  }
  return hash.digest('hex');
}

function* slices(parts: readonly Uint8Array[], bytes: number): Generator<Uint8Array> {
  for (const part of parts) {
    for (let at = 0; at < part.length; at += bytes) yield part.subarray(at, at + bytes);
  }
}

/** The same bytes in portions of this size, the last one smaller. */
function* portions(parts: readonly Uint8Array[], bytes: number): Generator<readonly Uint8Array[]> {
  let portion: Uint8Array[] = [];
  let room = bytes;
  for (const part of parts) {
    for (let at = 0; at < part.length;) {
      const slice = part.subarray(at, at + room);
      portion.push(slice);
      at += slice.length;
      room -= slice.length;
      if (room > 0) continue;
      yield portion;
      portion = [];
      room = bytes;
    }
  }
  if (portion.length > 0) yield portion;
}

const hashStep = { step: 'build', name: 'contentHash' } as const;

/** Signs the hash with the request, so that the service refuses a body that was changed on its way. */
function signedHash<Input extends object, Output extends object>(
  hash: string,
): BuildMiddleware<Input, Output> {
  return (next) => async (args) => {
    const { request } = args;
    if (hasHeaders(request)) request.headers['x-amz-content-sha256'] = hash;
    return await next(args);
  };
}

function hasHeaders(request: unknown): request is { headers: Record<string, string> } {
  return typeof request === 'object' && request !== null && 'headers' in request;
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

/** One by one: many services refuse to delete several at once. */
export async function deleteObject({ connection, calls }: S3Parts, call: Call): Promise<void> {
  const { sdk, client, bucket, keyPrefix } = connection;
  await calls.again(call, async ({ signal }) => {
    try {
      const command = new sdk.DeleteObjectCommand({ Bucket: bucket, Key: keyPrefix + call.name });
      await client.send(command, { abortSignal: signal });
    } catch (error) {
      if (statusOf(error) !== 404 || codeOf(error) === 'NoSuchBucket') throw error;
    }
  });
}
