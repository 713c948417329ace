import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';

/** What a file was when it was sent. */
const sentFile = z.object({
  suffix: z.enum(['', '-journal', '-wal']),
  mode: z.number().int().min(0).max(0o7777),
  uid: z.number().int().nonnegative(),
  gid: z.number().int().nonnegative(),
  size: z.number().int().nonnegative(),
  mtimeNs: z.string().regex(/^-?[0-9]{1,24}$/),
  inode: z.string().regex(/^[0-9]{1,24}$/),
});

const sentEnd = z.object({
  method: z.enum(['locked', 'raw', 'look']),
  lockedMs: z.number(),
  sha256: z.string(),
});

export type SentFile = Readonly<z.infer<typeof sentFile>>;
export type SentEnd = Readonly<z.infer<typeof sentEnd>>;

/** Gets files in order, each with its bytes. */
export type FrameTaker = Readonly<{
  begin: (file: SentFile) => Promise<void>;
  data: (bytes: Buffer) => Promise<void>;
}>;

const headBytes = 5;
const maxBodyBytes = 2 * 1024 * 1024;

/** Reads what sqlite-helper.py sends; undefined when it was cut off before its end. `failed` when the bytes are not what was sent. */
export async function readFrames(
  stream: AsyncIterable<unknown>,
  taker: FrameTaker,
): Promise<SentEnd | undefined> {
  const hash = createHash('sha256');
  let end: SentEnd | undefined;
  for await (const { letter, body } of framesOf(stream)) {
    if (end !== undefined) throw broken();
    if (letter === 'F') await taker.begin(parsed(sentFile, body));
    else if (letter === 'E') end = parsed(sentEnd, body);
    else if (letter === 'D') {
      hash.update(body);
      await taker.data(body);
    } else throw broken();
  }
  if (end !== undefined && end.sha256 !== hash.digest('hex')) throw broken();
  return end;
}

async function* framesOf(stream: AsyncIterable<unknown>): AsyncGenerator<{ letter: string; body: Buffer }> {
  let parts: Buffer[] = [];
  let bytes = 0;
  let needed = headBytes;
  for await (const part of stream) {
    const buffer = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
    parts.push(buffer);
    bytes += buffer.length;
    if (bytes < needed) continue;
    let rest = Buffer.concat(parts);
    for (;;) {
      needed = rest.length < headBytes ? headBytes : headBytes + rest.readUInt32BE(1);
      if (needed > headBytes + maxBodyBytes) throw broken();
      if (rest.length < needed) break;
      yield { letter: String.fromCodePoint(rest[0] ?? 0), body: rest.subarray(headBytes, needed) };
      rest = rest.subarray(needed);
    }
    parts = [rest];
    bytes = rest.length;
  }
}

function parsed<Shape extends z.ZodType>(shape: Shape, body: Buffer): z.infer<Shape> {
  try {
    return shape.parse(JSON.parse(body.toString('utf8')));
  } catch {
    throw broken();
  }
}

function broken(): AppError {
  return new AppError(
    'failed',
    'The copy of the database did not arrive as it was sent. Run the backup again.',
  );
}
