import { captureTree } from '../../main/vault/capture/capture-tree.ts';
import type { CaptureRequest, CaptureResult } from '../../main/vault/capture/capture.ts';
import type { ThreadKeys } from '../../main/vault/keys/thread-keys.ts';
import type { Entry, Extent } from '../../main/vault/listing/entry.ts';
import type { Listing } from '../../main/vault/listing/listing.ts';
import { openListing } from '../../main/vault/listing/open-listing.ts';
import type { MemoryChunks } from '../fakes/memory-chunks.ts';

const generation = {
  generation: 1,
  idKey: new Uint8Array(32).fill(1),
  dataKey: new Uint8Array(32).fill(2),
  cutKey: new Uint8Array(32).fill(3),
  pageKey: new Uint8Array(32).fill(4),
};

export const captureKeys: ThreadKeys = { vaultId: '00'.repeat(16), current: generation, all: [generation] };

/** Later than every time of a file that a test makes: nothing is racy. */
export const neverRacyNs = 2n ** 63n - 1n;

type More = Partial<CaptureRequest> & Readonly<{ exclude?: readonly string[]; only?: readonly string[] }>;

/** A request for a folder, with everything in memory; `more` replaces parts of it. */
export function captureRequest(
  root: string,
  chunks: MemoryChunks,
  { exclude = [], only, ...more }: More = {},
): CaptureRequest {
  return {
    tree: { kind: 'folder', root, exclude, ...(only === undefined ? {} : { only }) },
    racyFromNs: neverRacyNs,
    compress: true,
    writer: chunks,
    reader: chunks,
    keys: captureKeys,
    signal: new AbortController().signal,
    ...more,
  };
}

export type Captured = Readonly<{
  result: CaptureResult;
  listing: Listing;
  /** By path as latin1 text. */
  entries: ReadonlyMap<string, Entry>;
}>;

export async function capture(root: string, chunks: MemoryChunks, more: More = {}): Promise<Captured> {
  const result = await captureTree(captureRequest(root, chunks, more));
  const listing = await openListing(chunks, result.listing);
  const entries = new Map<string, Entry>();
  for await (const entry of listing.entries()) {
    entries.set(entry.path.toString('latin1'), entry);
  }
  return { result, listing, entries };
}

/** The content of a file of a listing; holes longer than 64 MiB are refused, since the test would take that memory. */
export async function contentOf(
  captured: Pick<Captured, 'listing' | 'entries'>,
  chunks: Pick<MemoryChunks, 'read'>,
  path: string,
): Promise<Buffer> {
  const entry = captured.entries.get(path);
  if (entry?.kind !== 'file') {
    throw new Error(`No file at ${path}.`);
  }
  const parts: Buffer[] = [];
  for (const extent of await captured.listing.contentOf(entry)) {
    parts.push(await bytesOf(captured.listing, chunks, extent));
  }
  return Buffer.concat(parts);
}

async function bytesOf(
  listing: Listing,
  chunks: Pick<MemoryChunks, 'read'>,
  extent: Extent,
): Promise<Buffer> {
  if (extent.chunk === -1) {
    if (extent.length > 64 * 1024 * 1024) {
      throw new Error('A hole that is too long for this test.');
    }
    return Buffer.alloc(extent.length);
  }
  const chunk = await chunks.read(listing.chunkId(extent.chunk));
  return chunk.subarray(extent.offset, extent.offset + extent.length);
}
