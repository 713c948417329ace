import { AppError } from '../../../../shared/lib/app-error.ts';
import type { Call } from './s3-calls.ts';
import { statusOf } from './s3-error.ts';
import type { S3Parts } from './s3-parts.ts';

/** The clock of the service, which stands in each of its answers, to the second; ms since 1970. */
export async function storageClock({ connection, calls }: S3Parts, call: Call): Promise<number> {
  const { sdk, client, bucket, keyPrefix } = connection;
  return await calls.again(call, async ({ signal }) => {
    let date: string | undefined;
    const command = new sdk.HeadObjectCommand({ Bucket: bucket, Key: `${keyPrefix}vault.json` });
    // Next to the wire: also answers that are errors pass here.
    command.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        date = dateIn(result.response);
        return result;
      },
      { step: 'deserialize', priority: 'low', name: 'storageClock' },
    );
    try {
      await client.send(command, { abortSignal: signal });
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
    }
    const nowMs = Date.parse(date ?? '');
    if (!Number.isNaN(nowMs)) return nowMs;
    throw new AppError(
      'failed',
      `The storage ${calls.place} does not say what time it is there (no Date header).`,
    );
  });
}

function dateIn(response: unknown): string | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined;
  const value: unknown = Reflect.get(Object(response.headers), 'date');
  return typeof value === 'string' ? value : undefined;
}
