import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { isObjectName } from '../../object-name.ts';
import type { ObjectInfo } from '../../storage.ts';
import type { RecentChanges } from './recent-changes.ts';
import type { Call } from '../line/s3-calls.ts';
import type { S3Parts } from '../line/s3-parts.ts';
import { headObject } from './s3-object.ts';

/**
 * The objects below a prefix, as the service lists them. Where that contradicts what this process has just written or deleted, the
 * object itself is asked for: lists of some stores are older than that.
 */
export async function* listObjects(
  s3: S3Parts,
  call: Call,
  recent: RecentChanges,
): AsyncGenerator<ObjectInfo> {
  const unseen = recent.written(call.name);
  for await (const info of listed(s3, call)) {
    unseen.delete(info.name);
    if (!recent.isDeleted(info.name)) yield info;
    else if ((await statObject(s3, call, info.name)) !== undefined) yield info;
  }
  for (const name of unseen) {
    const info = await statObject(s3, call, name);
    if (info !== undefined) yield info;
  }
}

/** The plain facts of one object; undefined where none is. */
export async function statObject(s3: S3Parts, call: Call, name: string): Promise<ObjectInfo | undefined> {
  return await s3.calls.again({ ...call, name }, async (attempt) => {
    const head = await headObject(s3, name, attempt);
    if (head === undefined) return undefined;
    const { ContentLength: size, LastModified: modified } = head;
    if (size === undefined || modified === undefined) throw incomplete(s3);
    return { name, size, modifiedMs: modified.getTime() };
  });
}

/** The first segments of what lies below the prefix of the place, up to a thousand of them. */
export async function topNames(s3: S3Parts, call: Call): Promise<readonly string[]> {
  const { keyPrefix } = s3.connection;
  const page = await pageOf(s3, call, { delimiter: '/' });
  const keys = [
    ...(page.Contents ?? []).map(({ Key = '' }) => Key),
    ...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix.replace(/\/$/u, '')),
  ];
  return keys.map((key) => key.slice(keyPrefix.length)).filter((name) => name !== '');
}

/** The keys of a first page below a prefix, whatever their names. */
export async function rawKeys(s3: S3Parts, call: Call): Promise<readonly string[]> {
  return ((await pageOf(s3, call, {})).Contents ?? []).map(({ Key = '' }) => Key);
}

async function* listed(s3: S3Parts, call: Call): AsyncGenerator<ObjectInfo> {
  let token: string | undefined;
  let lastKey = '';
  do {
    const page: ListObjectsV2CommandOutput = await pageOf(s3, call, { token });
    const contents = page.Contents ?? [];
    for (const { Key: key = '', Size: size, LastModified: modified } of contents) {
      const name = key.slice(s3.connection.keyPrefix.length);
      if (!isObjectName(name) || size === undefined || modified === undefined) continue;
      yield { name, size, modifiedMs: modified.getTime() };
    }
    const next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    const end = contents.at(-1)?.Key ?? lastKey;
    // A list without an end, or one that is cut off without saying how it goes on, must not pass for a whole one.
    const isStuck = page.IsTruncated === true && (next === undefined || next === token || end === lastKey);
    if (isStuck) throw incomplete(s3);
    lastKey = end;
    token = next;
  } while (token !== undefined);
}

async function pageOf(
  { connection: { sdk, client, bucket, keyPrefix }, calls }: S3Parts,
  call: Call,
  { token, delimiter }: Readonly<{ token?: string | undefined; delimiter?: string }>,
): Promise<ListObjectsV2CommandOutput> {
  return await calls.again(call, async ({ signal }) => {
    const command = new sdk.ListObjectsV2Command({
      Bucket: bucket,
      Prefix: keyPrefix + call.name,
      ...(token === undefined ? {} : { ContinuationToken: token }),
      ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
    });
    return await client.send(command, { abortSignal: signal });
  });
}

function incomplete({ calls }: S3Parts): AppError {
  return new AppError(
    'failed',
    `The storage ${calls.place} answers in a way that cannot be understood. Test it with storage-test.`,
  );
}
