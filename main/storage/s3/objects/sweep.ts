import type { Call } from '../line/s3-calls.ts';
import { statusOf } from '../line/s3-error.ts';
import type { S3Parts } from '../line/s3-parts.ts';
import { dropUpload } from './s3-upload.ts';

/**
 * Removes what killed writers left: probes, and uploads in parts that nobody ends, which no list shows and which cost money. One page
 * of each is enough, since every writer sweeps. Where uploads cannot be listed the provider's own rules have to end them.
 */
export async function sweepLeftovers(s3: S3Parts, call: Call): Promise<void> {
  await sweepProbes(s3, call);
  for (const upload of await openUploads(s3, call)) {
    call.options?.signal?.throwIfAborted();
    await dropUpload(s3, upload);
  }
}

async function sweepProbes({ connection, calls }: S3Parts, call: Call): Promise<void> {
  const { sdk, client, bucket, keyPrefix } = connection;
  await calls.again(call, async ({ signal }) => {
    const list = new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: `${keyPrefix}tmp/` });
    const { Contents: found = [] } = await client.send(list, { abortSignal: signal });
    for (const { Key: key } of found) {
      const command = new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key });
      await client.send(command, { abortSignal: signal });
    }
  });
}

const notKnown: ReadonlySet<number | undefined> = new Set([400, 403, 405, 501]);

async function openUploads(
  { connection, calls }: S3Parts,
  call: Call,
): Promise<readonly Readonly<{ key: string; id: string }>[]> {
  const { sdk, client, bucket, keyPrefix } = connection;
  return await calls.again(call, async ({ signal }) => {
    try {
      const command = new sdk.ListMultipartUploadsCommand({ Bucket: bucket, Prefix: keyPrefix });
      const { Uploads: uploads = [] } = await client.send(command, { abortSignal: signal });
      return uploads.flatMap(({ Key: key, UploadId: id }) =>
        key === undefined || id === undefined ? [] : [{ key, id }],
      );
    } catch (error) {
      if (notKnown.has(statusOf(error))) return [];
      throw error;
    }
  });
}
