import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { BuildMiddleware } from '@smithy/types';
import type { Attempt } from '../line/s3-calls.ts';
import { sizeOf } from '../../object-bytes.ts';
import { smallBytes, type TransferLimits } from '../../transfer-limits.ts';

export type ObjectBytes = Readonly<{ name: string; parts: readonly Uint8Array[] }>;

/** Up to this size bytes go at once, whatever else is on its way. */
const sliceBytes = 128 * 1024;
/** Hashed in one go: a few ms. */
const hashBytes = 4 * 1024 * 1024;

/** The bytes on their way: paced, and each slice that leaves is progress. What is not sent any more is let go of at the end. */
export function bodyOf(
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
export function* portions(parts: readonly Uint8Array[], bytes: number): Generator<readonly Uint8Array[]> {
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

export const hashStep = { step: 'build', name: 'contentHash' } as const;

/** Signs the hash with the request, so that the service refuses a body that was changed on its way. */
export function signedHash<Input extends object, Output extends object>(
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
