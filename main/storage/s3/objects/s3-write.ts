import { smallBytes } from '../../transfer-limits.ts';
import type { Attempt, Call } from '../line/s3-calls.ts';
import type { S3Parts } from '../line/s3-parts.ts';
import { sizeOf } from '../../object-bytes.ts';
import { bodyOf, hashOf, hashStep, signedHash } from './body.ts';
import type { ObjectBytes } from './body.ts';
import { assertStored } from './s3-object.ts';
import { putInParts } from './s3-upload.ts';

/** Objects above this size go in parts, each of which is tried again on its own. */
const largeBytes = 32 * 1024 * 1024;

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
