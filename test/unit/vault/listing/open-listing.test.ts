import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../../main/vault/listing/entry.ts';
import { openListing } from '../../../../main/vault/listing/open-listing.ts';
import { buildListing } from '../../../fakes/built-listing.ts';
import { fileEntry, folderEntry, hardLinkEntry, symlinkEntry } from '../../../fakes/entries.ts';
import { MemoryChunks } from '../../../fakes/memory-chunks.ts';

async function listOf(entries: AsyncIterable<Entry>): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const entry of entries) {
    paths.push(entry.path.toString());
  }
  return paths;
}

/** A tree of 300 folders of 60 files each: some tens of blocks. */
function manyEntries(): readonly Entry[] {
  const entries: Entry[] = [folderEntry('')];
  for (let folder = 100; folder < 400; folder += 1) {
    const name = `folder-${String(folder)}`;
    entries.push(folderEntry(name));
    for (let file = 100; file < 160; file += 1) {
      entries.push(fileEntry(`${name}/file-with-a-rather-long-name-${String(file)}`));
    }
    entries.push(folderEntry(`${name}.d`));
  }
  return entries;
}

describe('openListing', () => {
  it('gives back every entry as it was', async () => {
    const chunks = new MemoryChunks();
    const content = [{ id: await chunks.add(Buffer.from('hello world')), length: 11 }];
    const entries: readonly Entry[] = [
      folderEntry('', { xattrs: [{ name: Buffer.from('user.a'), value: Buffer.from([0, 255]) }] }),
      fileEntry('a', { extents: [{ chunk: 0, offset: 6, length: 5 }], mtimeNs: -1n, racy: true }),
      hardLinkEntry('a!', 'a', 5),
      folderEntry('b'),
      fileEntry('b/sparse', {
        extents: [
          { chunk: -1, offset: 0, length: 5 * 2 ** 30 },
          { chunk: 0, offset: 0, length: 11 },
        ],
      }),
      symlinkEntry('b\xff', '../../etc/passwd'),
    ];
    const listing = await openListing(chunks, await buildListing(chunks, entries, content));
    const read: Entry[] = [];
    for await (const entry of listing.entries()) {
      read.push(entry);
    }
    expect(read).toStrictEqual(entries);
    expect(listing.root).toMatchObject({ entries: 6, files: 3, bytes: 16 });
  });

  it('finds entries, children and what lies below a folder, in many blocks', async () => {
    const chunks = new MemoryChunks();
    const listing = await openListing(chunks, await buildListing(chunks, manyEntries()));
    expect(listing.data.blocks.length).toBeGreaterThan(5);
    expect((await listOf(listing.entries())).length).toBe(manyEntries().length);
    const below = await listOf(listing.entries(Buffer.from('folder-217')));
    expect(below).toHaveLength(61);
    expect(below[0]).toBe('folder-217');
    expect(await listOf(listing.children(Buffer.from('folder-217')))).toHaveLength(60);
    const path = 'folder-399/file-with-a-rather-long-name-159';
    expect((await listing.entry(Buffer.from(path)))?.path.toString()).toBe(path);
    expect(await listing.entry(Buffer.from('folder-399/file'))).toBeUndefined();
    expect(await listOf(listing.entries(Buffer.from('folder-2')))).toStrictEqual([]);
    expect(await listOf(listing.children(Buffer.alloc(0)))).toHaveLength(600);
  });

  it('reads few blocks for the children of the root, when what lies below them is long', async () => {
    const chunks = new MemoryChunks();
    const entries = [folderEntry(''), folderEntry('a')];
    for (let file = 10_000; file < 40_000; file += 1) {
      entries.push(folderEntry(`a/${String(file)}`));
    }
    entries.push(folderEntry('b'));
    const listing = await openListing(chunks, await buildListing(chunks, entries));
    expect(listing.data.blocks.length).toBeGreaterThan(8);
    chunks.reads = 0;
    expect(await listOf(listing.children(Buffer.alloc(0)))).toStrictEqual(['a', 'b']);
    expect(chunks.reads).toBeLessThan(5);
  });

  it('leaves blocks as they were, when one entry is inserted', async () => {
    const chunks = new MemoryChunks();
    await buildListing(chunks, manyEntries());
    const before = chunks.size;
    const grown = manyEntries().toSpliced(5000, 0, fileEntry('folder-181.d/new'));
    await buildListing(
      chunks,
      grown.toSorted((a, b) => Buffer.compare(sortKey(a), sortKey(b))),
    );
    // Its own block, perhaps the next, and the root.
    expect(chunks.size - before).toBeLessThanOrEqual(3);
  });

  it('names every chunk that it needs, once for each use', async () => {
    const chunks = new MemoryChunks();
    const content = [{ id: await chunks.add(Buffer.from('x')), length: 1 }];
    const root = await buildListing(chunks, [folderEntry('')], content);
    const listing = await openListing(chunks, root);
    const ids: string[] = [];
    for await (const id of listing.allChunks()) {
      ids.push(Buffer.from(id).toString('hex'));
    }
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(chunks.size);
  });
});

function sortKey(entry: Entry): Buffer {
  return Buffer.from(entry.path.map((byte) => (byte === 0x2f ? 0 : byte)));
}
