import { createHash } from 'node:crypto';
import { ByteWriter } from '../../main/vault/listing/byte-writer.ts';
import type { ListingRoot } from '../../shared/model/manifest.ts';
import { BlockEncoder } from '../../main/vault/listing/block-encoder.ts';
import type { EncodedBlock } from '../../main/vault/listing/block-encoder.ts';
import type { Entry, EntryStat } from '../../main/vault/listing/entry.ts';
import { RawEntry, kinds } from '../../main/vault/listing/raw-entry.ts';
import { encodeRoot } from '../../main/vault/listing/root-codec.ts';
import type { BlockPlace, RootData } from '../../main/vault/listing/root-codec.ts';
import { writeXattrs } from '../../main/vault/listing/xattr-codec.ts';

const low32 = 0xffff_ffffn;

/** Stores one chunk and gives its id. */
export type AddChunk = Readonly<{ add: (content: Uint8Array) => Promise<Uint8Array> }>;

export type ContentChunk = Readonly<{ id: Uint8Array; length: number }>;

/** A listing of given entries over given chunks of content (numbered as they come), stored as the capture would. */
export async function buildListing(
  chunks: AddChunk,
  entries: Iterable<Entry>,
  content: readonly ContentChunk[] = [],
): Promise<ListingRoot> {
  const { blocks, raws } = await storeBlocks(chunks, entries);
  const lengths = Uint32Array.from(content, (chunk) => chunk.length);
  const ids = Buffer.concat(content.map((chunk) => chunk.id));
  return await storeRoot(chunks, {
    table: { count: content.length, ids, lengths, used: lengths },
    blocks,
    ...raws,
  });
}

/** Stores a root in pieces of 1 MiB. */
export async function storeRoot(chunks: AddChunk, root: RootData): Promise<ListingRoot> {
  return await storeRootBytes(chunks, Buffer.from(encodeRoot(root)), root);
}

export async function storeRootBytes(
  chunks: AddChunk,
  bytes: Buffer,
  counts: Readonly<{ entries: number; files: number; bytes: number }>,
): Promise<ListingRoot> {
  const rootChunks: string[] = [];
  for (let at = 0; at < bytes.length; at += 1_048_576) {
    rootChunks.push(Buffer.from(await chunks.add(bytes.subarray(at, at + 1_048_576))).toString('hex'));
  }
  const checksum = createHash('sha256').update(bytes).digest('hex');
  return { rootChunks, checksum, entries: counts.entries, files: counts.files, bytes: counts.bytes };
}

async function storeBlocks(chunks: AddChunk, entries: Iterable<Entry>) {
  const encoder = new BlockEncoder();
  const raw = new RawEntry();
  const blocks: BlockPlace[] = [];
  const raws = { entries: 0, files: 0, bytes: 0 };
  const store = async (block: EncodedBlock | undefined): Promise<void> => {
    if (block !== undefined) {
      const { firstPath, entries } = block;
      blocks.push({ id: await chunks.add(block.bytes), bytes: block.bytes.length, entries, firstPath });
    }
  };
  for (const entry of entries) {
    fillRaw(raw, entry);
    await store(encoder.add(raw));
    raws.entries += 1;
    raws.files += raw.kind === kinds.file || raw.kind === kinds.hardlink ? 1 : 0;
    raws.bytes += raw.storedBytes();
  }
  await store(encoder.finish());
  return { blocks, raws };
}

/** The inverse of `toEntry`; every file may be linked to. Paged files get no runs of chunks. */
export function fillRaw(raw: RawEntry, entry: Entry): void {
  raw.clearContent();
  entry.path.copy(raw.path);
  raw.pathLength = entry.path.length;
  raw.kind = kinds[entry.kind];
  fillStat(raw, entry.stat);
  if (entry.xattrs.length > 0) {
    const writer = new ByteWriter(1024);
    writeXattrs(writer, entry.xattrs);
    raw.xattrs = writer.written;
  }
  if (entry.kind === 'symlink') {
    raw.target = entry.target;
  } else if (entry.kind === 'hardlink') {
    raw.target = entry.linkTo;
  } else if (entry.kind === 'file') {
    raw.crc32 = entry.crc32;
    raw.racy = entry.racy;
    raw.linked = true;
    raw.paged = entry.content === 'paged';
    entry.extents.forEach(({ chunk, offset, length }) => {
      raw.extents.push(chunk, offset, length);
    });
  }
}

function fillStat(raw: RawEntry, stat: EntryStat): void {
  raw.mode = stat.mode;
  raw.uid = stat.uid;
  raw.gid = stat.gid;
  raw.size = stat.size;
  raw.mtimeLow = Number(stat.mtimeNs & low32);
  raw.mtimeHigh = Number(stat.mtimeNs >> 32n);
  raw.ctimeLow = Number(stat.ctimeNs & low32);
  raw.ctimeHigh = Number(stat.ctimeNs >> 32n);
  raw.inodeLow = Number(stat.inode & low32);
  raw.inodeHigh = Number(stat.inode >> 32n);
}
