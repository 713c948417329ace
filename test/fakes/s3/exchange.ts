import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request as the fakes see it; `key` is undefined for requests to the bucket. */
export type S3Request = Readonly<{
  method: string;
  bucket: string;
  key: string | undefined;
  query: URLSearchParams;
  headers: Readonly<Record<string, string>>;
  /** As it was sent, to be passed on. */
  address: string;
  body: Buffer;
}>;

export type S3Answer = Readonly<{
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}>;

/** Whoever answers: a store in memory, or a service behind. */
export type S3Backend = (request: S3Request) => Promise<S3Answer>;

export async function readRequest(message: IncomingMessage): Promise<S3Request> {
  const parts: Buffer[] = [];
  for await (const part of message) if (Buffer.isBuffer(part)) parts.push(part);
  const address = message.url ?? '/';
  const url = new URL(address, 'http://s3');
  const headers = Object.entries(message.headers).map(([name, value]) => [name, String(value)]);
  const [bucket = '', ...rest] = [...bucketInHost(message), ...url.pathname.slice(1).split('/')];
  const key = rest.join('/');
  return {
    method: message.method ?? 'GET',
    bucket,
    key: key === '' ? undefined : decodeURIComponent(key),
    query: url.searchParams,
    headers: Object.fromEntries(headers),
    address,
    body: Buffer.concat(parts),
  };
}

/** `bucket.s3.test` in virtual style; nothing in path style, which names a number. */
function bucketInHost({ headers: { host = '' } }: IncomingMessage): readonly string[] {
  return host.includes('.s3.test') ? [host.slice(0, host.indexOf('.'))] : [];
}

export function sendAnswer(
  response: ServerResponse,
  { status, headers, body }: S3Answer,
  isHead: boolean,
): void {
  response.writeHead(status, { 'content-length': String(body.length), ...headers });
  response.end(isHead ? undefined : body);
}

export function errorAnswer(status: number, code: string, headers: Record<string, string> = {}): S3Answer {
  const text = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>As the test wants it.</Message></Error>`;
  return { status, headers: { 'content-type': 'application/xml', ...headers }, body: Buffer.from(text) };
}
