import { maxChunkBytes } from '../chunks/chunk-store.ts';

/** Bounds that a reader of listings refuses to go past, and that the writer keeps. Bytes unless said otherwise. */
export const limits = {
  pathBytes: 16_384,
  symlinkBytes: 4095,
  /** All attributes of one entry, names and values, as encoded. */
  xattrBytes: 1_048_576,
  xattrCount: 4096,
  xattrNameBytes: 255,
  xattrValueBytes: 65_536,
  /** More extents than this go into a page map without pages, since an entry has to fit into a block. */
  inlineExtents: 16_384,
  /** Runs of chunk numbers that a page map refers to. */
  chunkRuns: 65_536,
  blockBytes: maxChunkBytes,
  /** The root is stored in pieces of this size, the last one shorter. */
  rootPieceBytes: 1_048_576,
  /** Seven million chunks, some 7 TB in one source; whoever opens a listing holds its root. */
  rootBytes: 268_435_456,
  /** 64 KiB and more each, but for the last. */
  blocks: 262_144,
  pageMapBytes: 536_870_912,
  /** Of one file. */
  mapExtents: 4_194_304,
  mode: 0o7777,
  id: 0xffff_ffff,
} as const;
