import { Readable } from 'node:stream';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { Attempt, Call } from '../line/s3-calls.ts';
import { statusOf } from '../line/s3-error.ts';
import type { S3Parts } from '../line/s3-parts.ts';
import { smallBytes } from '../../transfer-limits.ts';

/** A whole object of at most `maxBytes`. */
export async function readObject(s3: S3Parts, call: Call, maxBytes: number): Promise<Buffer> {
  return await s3.calls.again(call, async (attempt) => {
    const answer = await get(s3, call, { attempt });
    const size = answer.ContentLength;
    if (size !== undefined && size > maxBytes) {
      bodyIn(answer).destroy();
      throw tooLarge(s3, call.name, maxBytes);
    }
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of receive(s3, answer, attempt)) {
      length += part.length;
      if (length > maxBytes) throw tooLarge(s3, call.name, maxBytes);
      parts.push(part);
    }
    if (size !== undefined && length !== size) throw cutShort(s3, call.name);
    return Buffer.concat(parts);
  });
}

/** Exactly `length` bytes from `offset`. */
export async function readObjectRange(
  s3: S3Parts,
  call: Call,
  range: Readonly<{ offset: number; length: number }>,
): Promise<Buffer> {
  const run = async (): Promise<Buffer> =>
    await s3.calls.again(call, async (attempt) => await readRangeOnce(s3, call, { ...range, attempt }));
  return range.length <= smallBytes ? await run() : await s3.limits.inTurn(call.options?.signal, run);
}

type RangeRead = Readonly<{ offset: number; length: number; attempt: Attempt }>;

async function readRangeOnce(
  s3: S3Parts,
  call: Call,
  { offset, length, attempt }: RangeRead,
): Promise<Buffer> {
  const answer = await getRange(s3, call, { offset, length, attempt });
  const body = bodyIn(answer);
  try {
    assertRange(s3, call.name, { offset, length, answer });
    // Memory of its own, not a slice of Node's pool: it may be handed to another thread.
    const buffer = Buffer.allocUnsafeSlow(length);
    let done = 0;
    for await (const part of receive(s3, answer, attempt)) {
      if (done + part.length > length) throw cutShort(s3, call.name);
      done += part.copy(buffer, done);
    }
    if (done !== length) throw cutShort(s3, call.name);
    return buffer;
  } finally {
    body.destroy();
  }
}

async function getRange(
  s3: S3Parts,
  call: Call,
  { offset, length, attempt }: RangeRead,
): Promise<GetObjectCommandOutput> {
  try {
    const range = `bytes=${String(offset)}-${String(offset + length - 1)}`;
    return await get(s3, call, { attempt, range });
  } catch (error) {
    if (statusOf(error) === 416) throw tooShort(s3, call.name);
    throw error;
  }
}

/** Before memory is taken: the service says what it sends, and how long the object is. */
function assertRange(
  s3: S3Parts,
  name: string,
  { offset, length, answer }: Readonly<{ offset: number; length: number; answer: GetObjectCommandOutput }>,
): void {
  const said = /^bytes (\d+)-(\d+)\/(\d+|\*)$/u.exec(answer.ContentRange ?? '');
  if (said === null) {
    throw new AppError(
      'failed',
      `The storage ${s3.calls.place} does not give out parts of objects. Test it with storage-test.`,
    );
  }
  const [first, last, size] = said.slice(1).map(Number);
  if (first === offset && last === offset + length - 1) return;
  const isWhole = first === offset && size !== undefined && size < offset + length;
  throw isWhole ? tooShort(s3, name) : cutShort(s3, name);
}

async function get(
  { connection: { sdk, client, bucket, keyPrefix } }: S3Parts,
  { name }: Call,
  { attempt, range }: Readonly<{ attempt: Attempt; range?: string }>,
): Promise<GetObjectCommandOutput> {
  const command = new sdk.GetObjectCommand({
    Bucket: bucket,
    Key: keyPrefix + name,
    ...(range === undefined ? {} : { Range: range }),
  });
  return await client.send(command, { abortSignal: attempt.signal });
}

async function* receive(
  { limits }: S3Parts,
  answer: GetObjectCommandOutput,
  { signal, progress }: Attempt,
): AsyncGenerator<Buffer> {
  const body = bodyIn(answer);
  const onAbort = (): void => void body.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for await (const part of body) {
      progress();
      if (!Buffer.isBuffer(part)) throw new Error('a body that is not bytes');
      await limits.pass('download', part.length, signal);
      progress();
      yield part;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function bodyIn(answer: GetObjectCommandOutput): Readable {
  if (answer.Body instanceof Readable) return answer.Body;
  throw new Error('an answer without a body');
}

function tooLarge({ calls }: S3Parts, name: string, maxBytes: number): AppError {
  const message = `${name} at ${calls.place} has more bytes than it may have (${String(maxBytes)}). Verify the vault.`;
  return new AppError('failed', message, { details: { tooLarge: true } });
}

function tooShort({ calls }: S3Parts, name: string): AppError {
  return new AppError('damaged', `${name} at ${calls.place} ends too early. Verify the vault with its data.`);
}

/** What arrived is not what the service said that it sends. */
function cutShort({ calls }: S3Parts, name: string): AppError {
  return new AppError(
    'unavailable',
    `${name} does not arrive whole from ${calls.place}. Check the network to it and try again.`,
    { details: { isPassing: true } },
  );
}
