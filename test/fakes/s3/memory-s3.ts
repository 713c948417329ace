import { createHash, randomBytes } from 'node:crypto';
import { errorAnswer } from './exchange.ts';
import type { S3Answer, S3Backend, S3Request } from './exchange.ts';

export type MemoryS3Options = {
  /** What the store makes of `If-None-Match: *`: it does it, says it in the old way, refuses it, or does not look. */
  conditions?: 'known' | '304' | 'unknown' | 'ignored';
  /** How many changes the lists are behind. */
  listLag?: number;
  pageSize?: number;
  /** How far its clock is ahead, in ms. */
  clockMs?: number;
  /** Refused with 403. */
  denies?: (request: S3Request) => boolean;
};

type Stored = Readonly<{ body: Buffer; modified: Date }>;

/** One bucket in memory, named `bucket`: as much of S3 as storages use. */
export class MemoryS3 {
  readonly objects = new Map<string, Stored>();
  readonly uploads = new Map<string, Readonly<{ key: string; parts: Map<number, Buffer> }>>();
  options: MemoryS3Options;
  /** The objects after each change, for lists that lag behind. */
  readonly #history: ReadonlyMap<string, Stored>[] = [];

  constructor(options: MemoryS3Options = {}) {
    this.options = options;
    this.#history.push(new Map());
  }

  readonly backend: S3Backend = async (request) => {
    const answer = await Promise.resolve(this.#answer(request));
    const date = new Date(Date.now() + (this.options.clockMs ?? 0)).toUTCString();
    return { ...answer, headers: { date, ...answer.headers } };
  };

  /** Lists of whoever asks from now on are as old as the last change. */
  catchUp(): void {
    this.#history.splice(0, this.#history.length, new Map(this.objects));
  }

  /** Makes an object look as old as this. */
  age(key: string, ms: number): void {
    const stored = this.objects.get(key);
    if (stored === undefined) throw new Error(`no object ${key}`);
    this.objects.set(key, { ...stored, modified: new Date(stored.modified.getTime() - ms) });
    this.#remember();
  }

  keys(): readonly string[] {
    return [...this.objects.keys()].toSorted();
  }

  #answer(request: S3Request): S3Answer {
    const { method, bucket, key, query } = request;
    if (bucket !== 'bucket') return errorAnswer(404, 'NoSuchBucket');
    if (this.options.denies?.(request) === true) return errorAnswer(403, 'AccessDenied');
    if (!isWhole(request)) return errorAnswer(400, 'XAmzContentSHA256Mismatch');
    if (key === undefined) {
      if (query.has('uploads')) return this.#listUploads();
      return method === 'GET' ? this.#list(query) : errorAnswer(501, 'NotImplemented');
    }
    if (query.has('uploads') || query.has('uploadId')) return this.#multipart(request, key);
    if (method === 'PUT') return this.#put(request, key);
    if (method === 'DELETE') return this.#delete(key);
    return this.#get(request, key);
  }

  #put({ headers, body }: S3Request, key: string): S3Answer {
    const { conditions = 'known' } = this.options;
    if (headers['if-none-match'] !== undefined && conditions !== 'ignored') {
      if (conditions === 'unknown') return errorAnswer(501, 'NotImplemented');
      if (this.objects.has(key)) {
        return conditions === '304' ? plain(304) : errorAnswer(412, 'PreconditionFailed');
      }
    }
    this.#store(key, body);
    return plain(200, { etag: etagOf(body) });
  }

  #delete(key: string): S3Answer {
    this.objects.delete(key);
    this.#remember();
    return plain(204);
  }

  #get({ method, headers }: S3Request, key: string): S3Answer {
    const stored = this.objects.get(key);
    if (stored === undefined) return errorAnswer(404, 'NoSuchKey');
    const { body, modified } = stored;
    const common = { etag: etagOf(body), 'last-modified': modified.toUTCString() };
    const range = /^bytes=(\d+)-(\d+)$/u.exec(headers['range'] ?? '');
    if (range === null || method === 'HEAD') return { status: 200, headers: common, body };
    const [first = 0, last = 0] = range.slice(1).map(Number);
    if (first >= body.length) return errorAnswer(416, 'InvalidRange');
    const part = body.subarray(first, last + 1);
    const said = `bytes ${String(first)}-${String(first + part.length - 1)}/${String(body.length)}`;
    return { status: 206, headers: { ...common, 'content-range': said }, body: part };
  }

  #list(query: URLSearchParams): S3Answer {
    const lag = this.options.listLag ?? 0;
    const objects = this.#history.at(Math.max(-1 - lag, -this.#history.length)) ?? this.objects;
    const prefix = query.get('prefix') ?? '';
    const after = query.get('continuation-token') ?? '';
    const delimiter = query.get('delimiter');
    const all = [...objects].filter(([key]) => key.startsWith(prefix) && key > after).toSorted(byKey);
    const page = all.slice(0, this.options.pageSize ?? 1000);
    const isCut = page.length < all.length;
    const common = delimiter === null ? [] : foldersOf(page, prefix, delimiter);
    const shown =
      delimiter === null ? page : page.filter(([key]) => !key.slice(prefix.length).includes(delimiter));
    return xml(
      `<ListBucketResult><IsTruncated>${String(isCut)}</IsTruncated>` +
        (isCut ? `<NextContinuationToken>${page.at(-1)?.[0] ?? ''}</NextContinuationToken>` : '') +
        shown.map(([key, stored]) => contents(key, stored)).join('') +
        common.map((folder) => `<CommonPrefixes><Prefix>${folder}</Prefix></CommonPrefixes>`).join('') +
        '</ListBucketResult>',
    );
  }

  #listUploads(): S3Answer {
    const uploads = [...this.uploads].map(
      ([id, { key }]) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`,
    );
    return xml(`<ListMultipartUploadsResult>${uploads.join('')}</ListMultipartUploadsResult>`);
  }

  #multipart({ method, query, body }: S3Request, key: string): S3Answer {
    if (query.has('uploads')) {
      const id = randomBytes(8).toString('hex');
      this.uploads.set(id, { key, parts: new Map() });
      return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
    }
    const id = query.get('uploadId') ?? '';
    const upload = this.uploads.get(id);
    if (upload === undefined) return errorAnswer(404, 'NoSuchUpload');
    if (method === 'PUT') {
      upload.parts.set(Number(query.get('partNumber')), body);
      return plain(200, { etag: etagOf(body) });
    }
    this.uploads.delete(id);
    if (method === 'DELETE') return plain(204);
    const parts = [...upload.parts].toSorted(([left], [right]) => left - right);
    this.#store(key, Buffer.concat(parts.map(([, part]) => part)));
    return xml('<CompleteMultipartUploadResult></CompleteMultipartUploadResult>');
  }

  #store(key: string, body: Buffer): void {
    this.objects.set(key, { body, modified: new Date(Date.now() + (this.options.clockMs ?? 0)) });
    this.#remember();
  }

  #remember(): void {
    this.#history.push(new Map(this.objects));
    if (this.#history.length > (this.options.listLag ?? 0) + 1) this.#history.shift();
  }
}

/** The hash that the request was signed with is that of its body. */
function isWhole({ headers, body }: S3Request): boolean {
  const signed = headers['x-amz-content-sha256'];
  if (signed === undefined || !/^[0-9a-f]{64}$/u.test(signed)) return true;
  return createHash('sha256').update(body).digest('hex') === signed;
}

function byKey([left]: readonly [string, Stored], [right]: readonly [string, Stored]): number {
  return left < right ? -1 : 1;
}

function foldersOf(
  page: readonly (readonly [string, Stored])[],
  prefix: string,
  delimiter: string,
): string[] {
  const folders = page
    .map(([key]) => key.slice(prefix.length))
    .filter((name) => name.includes(delimiter))
    .map((name) => prefix + name.slice(0, name.indexOf(delimiter) + 1));
  return [...new Set(folders)];
}

function contents(key: string, { body, modified }: Stored): string {
  return (
    `<Contents><Key>${key}</Key><LastModified>${modified.toISOString()}</LastModified>` +
    `<ETag>${etagOf(body)}</ETag><Size>${String(body.length)}</Size></Contents>`
  );
}

function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

function plain(status: number, headers: Record<string, string> = {}): S3Answer {
  return { status, headers, body: Buffer.alloc(0) };
}

function xml(text: string): S3Answer {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${text}`);
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}
