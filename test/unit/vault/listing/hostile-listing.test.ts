import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { BlockDecoder } from '../../../../main/vault/listing/block-decoder.ts';
import { BlockEncoder } from '../../../../main/vault/listing/block-encoder.ts';
import type { Entry } from '../../../../main/vault/listing/entry.ts';
import { EntrySequence } from '../../../../main/vault/listing/entry-sequence.ts';
import { openListing } from '../../../../main/vault/listing/open-listing.ts';
import { RawEntry } from '../../../../main/vault/listing/raw-entry.ts';
import { encodeRoot } from '../../../../main/vault/listing/root-codec.ts';
import { buildListing, fillRaw, storeRootBytes } from '../../../fakes/built-listing.ts';
import { fileEntry, folderEntry, hardLinkEntry, symlinkEntry } from '../../../fakes/entries.ts';
import { MemoryChunks } from '../../../fakes/memory-chunks.ts';

const content = [{ id: new Uint8Array(32).fill(7), length: 100 }];

async function readAll(entries: readonly Entry[]): Promise<number> {
  const chunks = new MemoryChunks();
  const listing = await openListing(chunks, await buildListing(chunks, entries, content));
  let count = 0;
  for await (const entry of listing.entries()) {
    count += entry.path.length > 0 ? 1 : 0;
  }
  return count;
}

async function expectDamaged(work: Promise<unknown>): Promise<void> {
  await expect(work).rejects.toMatchObject({ name: 'AppError', kind: 'damaged' });
}

describe('a hostile listing', () => {
  const root = folderEntry('');
  const cases: Readonly<Record<string, readonly Entry[]>> = {
    'leaves the tree by ..': [root, fileEntry('..')],
    'leaves the tree by .. in the middle': [root, folderEntry('a'), folderEntry('a/..'), fileEntry('a/../b')],
    'names an absolute path': [root, fileEntry('/etc/passwd')],
    'names a path with an empty part': [root, folderEntry('a'), fileEntry('a//b')],
    'names a path with a zero byte': [root, fileEntry('a\0b')],
    'writes through a symlink': [root, symlinkEntry('a', '/etc'), fileEntry('a/passwd')],
    'writes below a file': [root, fileEntry('a'), fileEntry('a/b')],
    'writes below nothing': [root, fileEntry('a/b')],
    'names a path twice': [root, fileEntry('a'), symlinkEntry('a', 'b')],
    'is out of order': [root, fileEntry('b'), fileEntry('a')],
    'has no root': [fileEntry('a')],
    'has a root that is a symlink': [symlinkEntry('', '/etc')],
    'links to a symlink': [root, symlinkEntry('a', '/etc/passwd'), hardLinkEntry('b', 'a')],
    'links to what comes later': [root, hardLinkEntry('a', 'b'), fileEntry('b')],
    'links to what is not there': [root, hardLinkEntry('b', 'a')],
    'links outside': [root, hardLinkEntry('b', '../a')],
    'has a symlink to nothing': [root, symlinkEntry('a', '')],
    'has a symlink with a zero byte': [root, symlinkEntry('a', 'b\0c')],
    'uses an unknown chunk': [root, fileEntry('a', { extents: [{ chunk: 1, offset: 0, length: 1 }] })],
    'reads past a chunk': [root, fileEntry('a', { extents: [{ chunk: 0, offset: 90, length: 11 }] })],
    'has an empty extent': [root, fileEntry('a', { extents: [{ chunk: 0, offset: 0, length: 0 }] })],
    'has a mode beyond the permission bits': [
      root,
      { ...root, path: Buffer.from('a'), stat: { ...root.stat, mode: 0o10_000 } },
    ],
  };

  it.each(Object.entries(cases))('is refused when it %s', async (_, entries) => {
    await expectDamaged(readAll(entries));
  });

  it('is refused when extents do not make the size', async () => {
    const file = fileEntry('a', { extents: [{ chunk: 0, offset: 0, length: 10 }] });
    await expectDamaged(readAll([root, { ...file, stat: { ...file.stat, size: 11 } }]));
    expect(await readAll([root, file])).toBe(1);
  });

  it('is refused when read from the middle, below a symlink', async () => {
    const chunks = new MemoryChunks();
    const names = Array.from({ length: 20_000 }, (_, at) => fileEntry(`a/${String(at).padStart(6, '0')}`));
    const listing = await openListing(
      chunks,
      await buildListing(chunks, [root, symlinkEntry('a', '/etc'), ...names]),
    );
    const work = async (): Promise<void> => {
      for await (const entry of listing.entries(Buffer.from('a/019999'))) {
        expect(entry).toBeUndefined();
      }
    };
    await expectDamaged(work());
  });

  it('never does more than refuse, whatever bytes a block holds', () => {
    const encoder = new BlockEncoder();
    const raw = new RawEntry();
    const entries = [
      root,
      fileEntry('a', { extents: [{ chunk: 0, offset: 0, length: 100 }] }),
      hardLinkEntry('b', 'a', 100),
      folderEntry('c', { xattrs: [{ name: Buffer.from('user.x'), value: Buffer.from('y') }] }),
      symlinkEntry('c/d', 'e'),
    ];
    for (const entry of entries) {
      fillRaw(raw, entry);
      encoder.add(raw);
    }
    const block = Buffer.from(encoder.finish()?.bytes ?? []);
    fc.assert(
      fc.property(fc.nat(block.length - 1), fc.nat(255), fc.nat(block.length), (at, byte, end) => {
        const spoiled = Buffer.from(block);
        spoiled[at] = byte;
        readBlock(spoiled.subarray(0, end), entries.length);
        readBlock(spoiled, entries.length);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Reads a block; anything thrown but `damaged` fails the test, and so does a path that leads elsewhere. */
function readBlock(block: Buffer, count: number): void {
  const decoder = new BlockDecoder(Uint32Array.of(100));
  const sequence = new EntrySequence(true);
  const entry = new RawEntry();
  try {
    decoder.open(block, count);
    while (decoder.next(entry)) {
      sequence.check(entry);
      expect(entry.copyPath().toString('latin1').split('/')).not.toContain('..');
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== 'damaged') {
      throw error;
    }
  }
}

describe('a hostile root', () => {
  const place = { id: new Uint8Array(32).fill(1), bytes: 10, entries: 1, firstPath: Buffer.alloc(0) };
  const table = {
    count: 1,
    ids: new Uint8Array(32).fill(2),
    lengths: Uint32Array.of(5),
    used: Uint32Array.of(5),
  };
  const good = { table, blocks: [place], entries: 1, files: 0, bytes: 0 };

  async function open(bytes: Buffer, counts = { entries: 1, files: 0, bytes: 0 }): Promise<unknown> {
    const chunks = new MemoryChunks();
    return await openListing(chunks, await storeRootBytes(chunks, bytes, counts));
  }

  it('is refused when any byte is another, by its checksum', async () => {
    const chunks = new MemoryChunks();
    const root = await storeRootBytes(chunks, encodeRoot(good), good);
    expect(await openListing(chunks, root)).toBeDefined();
    const [first = ''] = root.rootChunks;
    const spoiled = Buffer.from(encodeRoot(good));
    spoiled[20] = 99;
    chunks.replace(Buffer.from(first, 'hex'), spoiled);
    await expectDamaged(openListing(chunks, root));
  });

  it('is refused with counts that do not agree, huge counts and bytes to spare', async () => {
    await expectDamaged(open(encodeRoot({ ...good, entries: 2 }), { entries: 2, files: 0, bytes: 0 }));
    await expectDamaged(open(encodeRoot(good), { entries: 1, files: 0, bytes: 1 }));
    await expectDamaged(open(Buffer.concat([encodeRoot(good), Buffer.of(0)])));
    await expectDamaged(
      open(Buffer.from([...Buffer.from('TBLR\x01'), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f])),
    );
    await expectDamaged(open(Buffer.from('else')));
    await expectDamaged(open(encodeRoot({ ...good, blocks: [] })));
  });

  it('is refused with blocks out of order, empty or too long', async () => {
    const blocks = [
      place,
      { ...place, firstPath: Buffer.from('b') },
      { ...place, firstPath: Buffer.from('a') },
    ];
    const counts = { entries: 3, files: 0, bytes: 0 };
    await expectDamaged(open(encodeRoot({ ...good, blocks, ...counts }), counts));
    await expectDamaged(open(encodeRoot({ ...good, blocks: [{ ...place, entries: 0 }] })));
    await expectDamaged(open(encodeRoot({ ...good, blocks: [{ ...place, bytes: 4 * 2 ** 20 + 1 }] })));
    await expectDamaged(open(encodeRoot({ ...good, blocks: [{ ...place, firstPath: Buffer.from('a') }] })));
  });

  it('is refused with a chunk that is too long, or has a length and no id', async () => {
    await expectDamaged(
      open(encodeRoot({ ...good, table: { ...table, lengths: Uint32Array.of(4 * 2 ** 20 + 1) } })),
    );
    await expectDamaged(open(encodeRoot({ ...good, table: { ...table, ids: new Uint8Array(32) } })));
    await expectDamaged(
      open(encodeRoot({ ...good, table: { ...table, lengths: Uint32Array.of(0), used: Uint32Array.of(0) } })),
    );
  });
});
