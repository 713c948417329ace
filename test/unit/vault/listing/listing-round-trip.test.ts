import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry, EntryStat, Extent } from '../../../../main/vault/listing/entry.ts';
import { openListing } from '../../../../main/vault/listing/open-listing.ts';
import { comparePaths } from '../../../../main/vault/listing/path-order.ts';
import { buildListing } from '../../../fakes/built-listing.ts';
import { MemoryChunks } from '../../../fakes/memory-chunks.ts';

const chunkLength = 1000;
const content = Array.from({ length: 5 }, (_, at) => ({
  id: new Uint8Array(32).fill(at + 1),
  length: chunkLength,
}));

const name = fc
  .uint8Array({ minLength: 1, maxLength: 6 })
  .map((bytes) =>
    Buffer.from(bytes.map((byte) => (byte === 0 || byte === 0x2e || byte === 0x2f ? 0x41 : byte))),
  );
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const stat: fc.Arbitrary<EntryStat> = fc.record({
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.integer({ min: 0, max: 0xffff_ffff }),
  gid: fc.integer({ min: 0, max: 0xffff_ffff }),
  size: fc.constant(0),
  mtimeNs: int64,
  ctimeNs: int64,
  inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
});
const extent: fc.Arbitrary<Extent> = fc.oneof(
  fc.record({ chunk: fc.constant(-1), offset: fc.constant(0), length: fc.integer({ min: 1, max: 2 ** 45 }) }),
  fc
    .record({ chunk: fc.nat(4), offset: fc.nat(chunkLength - 1) })
    .chain((at) => fc.integer({ min: 1, max: chunkLength - at.offset }).map((length) => ({ ...at, length }))),
);
const xattrs = fc.array(
  fc.record({
    name: fc
      .uint8Array({ minLength: 1, maxLength: 20 })
      .map((bytes) => Buffer.from(bytes.map((byte) => byte || 1))),
    value: fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
  }),
  { maxLength: 3 },
);
type Leaf = Readonly<{
  name: Buffer;
  stat: EntryStat;
  xattrs: Entry['xattrs'];
  kind: number;
  extents: readonly Extent[];
  crc32: number;
}>;
const leaf: fc.Arbitrary<Leaf> = fc.record({
  name,
  stat,
  xattrs,
  kind: fc.nat(2),
  extents: fc.array(extent, { maxLength: 5 }),
  crc32: fc.integer({ min: 0, max: 0xffff_ffff }),
});

function entryOf(folder: Buffer, { name, stat, xattrs, kind, extents, crc32 }: Leaf): Entry {
  const path = folder.length === 0 ? name : Buffer.concat([folder, Buffer.from('/'), name]);
  if (kind === 0) {
    return { kind: 'folder', path, stat, xattrs };
  }
  if (kind === 1) {
    return { kind: 'symlink', path, stat: { ...stat, size: name.length }, xattrs, target: name };
  }
  const size = extents.reduce((sum, { length }) => sum + length, 0);
  return {
    kind: 'file',
    path,
    stat: { ...stat, size },
    xattrs,
    crc32,
    racy: crc32 % 2 === 0,
    content: 'inline',
    extents,
  };
}

/** A tree of two levels in order, no path twice. */
const tree = fc
  .tuple(stat, fc.array(fc.tuple(leaf, fc.array(leaf, { maxLength: 6 })), { maxLength: 12 }))
  .map(([stat, top]) => {
    const byPath = new Map<string, Entry>();
    for (const [first, below] of top) {
      const entry = entryOf(Buffer.alloc(0), first);
      if (!byPath.has(entry.path.toString('latin1'))) {
        const children = entry.kind === 'folder' ? below.map((child) => entryOf(entry.path, child)) : [];
        [entry, ...children].forEach((each) => byPath.set(each.path.toString('latin1'), each));
      }
    }
    const root: Entry = { kind: 'folder', path: Buffer.alloc(0), stat, xattrs: [] };
    const entries = [...byPath.values()];
    return [root, ...entries.toSorted((a, b) => comparePaths(a.path, a.path.length, b.path, b.path.length))];
  });

describe('a listing', () => {
  it('gives back any tree as it was', async () => {
    await fc.assert(
      fc.asyncProperty(tree, async (entries) => {
        const chunks = new MemoryChunks();
        const listing = await openListing(chunks, await buildListing(chunks, entries, content));
        const read: Entry[] = [];
        for await (const entry of listing.entries()) {
          read.push(entry);
        }
        expect(read).toEqual(entries);
        for (const entry of entries.slice(0, 5)) {
          expect(await listing.entry(entry.path)).toEqual(entry);
        }
      }),
      { numRuns: 150 },
    );
  });
});
