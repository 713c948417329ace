import type { Call } from '../line/s3-calls.ts';
import { codeOf } from '../line/s3-error.ts';
import type { S3Parts } from '../line/s3-parts.ts';
import { sizeOf } from '../../object-bytes.ts';
import { bodyOf, hashOf, hashStep, portions, signedHash } from './body.ts';
import type { ObjectBytes } from './body.ts';
import { assertStored } from './s3-object.ts';

const partBytes = 16 * 1024 * 1024;

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
