import { crc32 } from 'node:zlib';
import { AppError } from '../../../shared/lib/app-error.ts';
import { pathText } from '../../platform/path-text.ts';
import type { ChunkReader } from '../../vault/chunks/chunk-store.ts';
import type { Extent, FileEntry } from '../../vault/listing/entry.ts';
import { holeChunk } from '../../vault/listing/extent-list.ts';
import type { Listing } from '../../vault/listing/listing.ts';

type Source = Readonly<{ listing: Listing; reader: ChunkReader }>;

const zeros = Buffer.alloc(1024 * 1024);

/** The content of a file in pieces, holes as zeros. Throws `damaged`, naming the file, unless all of it is what was backed up. */
export async function* contentOf(source: Source, file: FileEntry): AsyncGenerator<Buffer> {
  let crc = 0;
  let length = 0;
  try {
    for await (const piece of piecesOf(source, file)) {
      crc = crc32(piece, crc);
      length += piece.length;
      yield piece;
    }
  } catch (error) {
    throw error instanceof AppError && error.kind === 'damaged' ? damagedFile(file, error) : error;
  }
  if (crc !== file.crc32 || length !== file.stat.size) {
    throw damagedFile(file, undefined);
  }
}

async function* piecesOf(source: Source, file: FileEntry): AsyncGenerator<Buffer> {
  const extents = await source.listing.contentOf(file);
  const chunks = chunksOf(source, extents, file.content)[Symbol.asyncIterator]();
  let current: Readonly<{ number: number; bytes: Buffer }> | undefined;
  try {
    for (const { chunk, offset, length } of extents) {
      if (chunk === holeChunk) {
        yield* zerosOf(length);
        continue;
      }
      if (current?.number !== chunk) {
        const next = await chunks.next();
        current = { number: chunk, bytes: next.done === true ? Buffer.alloc(0) : next.value };
      }
      yield current.bytes.subarray(offset, offset + length);
    }
  } finally {
    await chunks.return?.();
  }
}

/** One chunk for each stretch of extents of the same one. Pages lie strewn: for them the reader's memory serves better than its reading ahead. */
async function* chunksOf(
  { listing, reader }: Source,
  extents: readonly Extent[],
  content: FileEntry['content'],
): AsyncIterable<Buffer> {
  const data = extents.filter(({ chunk }) => chunk !== holeChunk);
  const numbers = data
    .filter((extent, index) => extent.chunk !== data[index - 1]?.chunk)
    .map(({ chunk }) => chunk);
  const ids = numbers.map((number) => listing.chunkId(number));
  if (content === 'inline' && ids.length > 1) {
    yield* reader.readMany(ids);
    return;
  }
  for (const id of ids) {
    yield await reader.read(id);
  }
}

function* zerosOf(length: number): Generator<Buffer> {
  for (let left = length; left > 0; left -= zeros.length) {
    yield zeros.subarray(0, Math.min(left, zeros.length));
  }
}

function damagedFile(file: FileEntry, cause: unknown): AppError {
  const path = pathText(file.path);
  return new AppError(
    'damaged',
    `The file "${path}" is damaged in this backup. Export another backup, or restore by path what is whole.`,
    {
      cause,
      details: { files: [path] },
    },
  );
}
