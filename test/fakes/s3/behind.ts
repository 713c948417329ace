import { errorAnswer } from './exchange.ts';
import type { S3Backend, S3Request } from './exchange.ts';

/** The service behind, with its clock so far ahead as `aheadMs` says at the time. */
export function withClock(backend: S3Backend, aheadMs: () => number): S3Backend {
  return async (request) => {
    const answer = await backend(request);
    const { date = new Date().toUTCString() } = answer.headers;
    const told = new Date(Date.parse(date) + aheadMs()).toUTCString();
    return { ...answer, headers: { ...answer.headers, date: told } };
  };
}

type Store = Readonly<{
  exists: (key: string) => Promise<boolean>;
  put: (key: string, body: Buffer) => Promise<void>;
}>;

/**
 * The service behind, which knows no conditions, with `If-None-Match: *` kept in front of it: one such PUT of a key at a time. They are
 * done by `store`, since what was signed with the condition cannot be passed on without it.
 */
export function withConditions(backend: S3Backend, store: Store): S3Backend {
  const turns = new Map<string, Promise<unknown>>();
  const putIfNew = async ({ body }: S3Request, key: string) => {
    if (await store.exists(key)) return errorAnswer(412, 'PreconditionFailed');
    await store.put(key, body);
    return { status: 200, headers: { etag: '"new"' }, body: Buffer.alloc(0) };
  };
  return async (request) => {
    const { method, headers, key } = request;
    if (method !== 'PUT' || key === undefined || headers['if-none-match'] === undefined)
      return await backend(request);
    const before = turns.get(key) ?? Promise.resolve();
    const turn = before.then(async () => await putIfNew(request, key));
    turns.set(
      key,
      turn.catch(() => undefined),
    );
    return await turn;
  };
}
