import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { ChunkReader } from '../../../../main/vault/chunks/chunk-store.ts';
import type { Extent, FileEntry } from '../../../../main/vault/listing/entry.ts';
import { ContentCheck } from '../../../../main/vault/upkeep/verify-content.ts';
import type { ListingProblem } from '../../../../main/vault/upkeep/verify-listings.ts';
import { fileEntry } from '../../../fakes/entries.ts';
import { fakeListing } from '../../../fakes/pack-world.ts';
import { createTestRoot, testChunkId } from '../../../fakes/test-manifest.ts';

const contents: Readonly<Record<string, Buffer>> = {
  a: Buffer.from('the first chunk'),
  b: Buffer.from('the second chunk'),
};
const names = Object.keys(contents);
const whole = Buffer.concat([Buffer.from('first'), Buffer.alloc(5000), Buffer.from('the second chunk')]);
const extents: readonly Extent[] = [
  { chunk: 0, offset: 4, length: 5 },
  { chunk: -1, offset: 0, length: 5000 },
  { chunk: 1, offset: 0, length: 16 },
];

function createReader(lost?: string): ChunkReader & { reads: number } {
  const read = async (id: Uint8Array): Promise<Buffer> => {
    const name = names.find((each) => testChunkId(each).equals(id));
    const content = name === undefined || name === lost ? undefined : contents[name];
    if (content === undefined) throw new AppError('damaged', 'a chunk is lost');
    reader.reads += 1;
    return content;
  };
  const reader = {
    reads: 0,
    read,
    async *readMany(ids: Iterable<Uint8Array>) {
      for (const id of ids) yield await read(id);
    },
    lengthOf: () => undefined,
  };
  return reader;
}

async function problemsOf(
  reader: ChunkReader,
  ...rounds: readonly (readonly FileEntry[])[]
): Promise<ListingProblem[]> {
  let bytes = 0;
  const onBytes = (read: number): void => void (bytes += read);
  const check = new ContentCheck(reader, { signal: new AbortController().signal, onBytes });
  const problems: ListingProblem[] = [];
  for (const files of rounds) {
    for await (const problem of check.problems(fakeListing(createTestRoot(names), files)))
      problems.push(problem);
  }
  return problems;
}

describe('content check', () => {
  it('finds nothing in files whose content is as recorded, holes and empty files too', async () => {
    const files = [fileEntry('whole', { extents, crc32: crc32(whole) }), fileEntry('empty')];
    expect(await problemsOf(createReader(), files)).toEqual([]);
  });

  it('names the files whose chunks open but are not the content: another slice, order or hole', async () => {
    const sum = crc32(whole);
    const [first, hole, last] = extents;
    if (first === undefined || hole === undefined || last === undefined) throw new Error('three extents');
    const files = [
      fileEntry('good', { extents, crc32: sum }),
      fileEntry('slice', { extents: [{ ...first, offset: 5 }, hole, last], crc32: sum }),
      fileEntry('order', { extents: [last, hole, first], crc32: sum }),
      fileEntry('hole', { extents: [first, { ...hole, length: 4999 }, last], crc32: sum }),
      fileEntry('beyond', { extents: [{ ...first, offset: 14 }], crc32: sum }),
    ];
    const named = (await problemsOf(createReader(), files)).map(({ object }) => object);
    expect(named).toEqual(['file slice', 'file order', 'file hole', 'file beyond']);
  });

  it('names a file whose size is not the length of its content', async () => {
    const file = fileEntry('size', { extents, crc32: crc32(whole) });
    const wrong = { ...file, stat: { ...file.stat, size: whole.length + 1 } };
    expect(await problemsOf(createReader(), [wrong])).toHaveLength(1);
  });

  it('names the files that need a lost chunk, and not their neighbours', async () => {
    const alone = fileEntry('alone', {
      extents: [{ chunk: 0, offset: 0, length: 15 }],
      crc32: crc32(Buffer.from('the first chunk')),
    });
    const problems = await problemsOf(createReader('b'), [
      alone,
      fileEntry('both', { extents, crc32: crc32(whole) }),
    ]);
    expect(problems).toEqual([{ object: 'file both', reason: 'a chunk is lost' }]);
  });

  it('reads what many backups share once', async () => {
    const reader = createReader();
    const file = fileEntry('whole', { extents, crc32: crc32(whole) });
    await problemsOf(reader, [file], [file], [{ ...file, path: Buffer.from('renamed') }]);
    expect(reader.reads).toBe(2);
  });

  it('reads a chunk once that small files share, and strewn pages come back to', async () => {
    const reader = createReader();
    const turns = Array.from({ length: 40 }, (_, turn) => ({ chunk: turn % 2, offset: turn % 7, length: 1 }));
    const files = turns.map((extent, turn) => {
      const content = contents[names[extent.chunk] ?? '']?.subarray(extent.offset, extent.offset + 1);
      return fileEntry(`f${turn}`, { extents: [extent], crc32: crc32(content ?? '') });
    });
    expect(await problemsOf(reader, files)).toEqual([]);
    expect(reader.reads).toBe(2);
  });

  it('names a hundred files and counts the rest', async () => {
    const files = Array.from({ length: 130 }, (_, number) =>
      fileEntry(`f${number}`, { extents, crc32: number }),
    );
    const problems = await problemsOf(createReader(), files);
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)?.reason).toContain('30 more');
  });

  it('passes on that the storage is away', async () => {
    const reader: ChunkReader = {
      ...createReader(),
      // oxlint-disable-next-line require-yield -- it fails before the first chunk
      async *readMany() {
        throw new AppError('unavailable', 'the disk is away');
      },
    };
    const files = [fileEntry('whole', { extents, crc32: crc32(whole) })];
    await expect(problemsOf(reader, files)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
