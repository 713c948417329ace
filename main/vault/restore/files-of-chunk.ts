import { AppError } from '../../../shared/lib/app-error.ts';
import { pathText } from '../../platform/path-text.ts';
import type { Entry, Extent, FileEntry } from '../listing/entry.ts';
import type { Listing } from '../listing/listing.ts';

const mostNamed = 20;

type Request = Readonly<{ listing: Listing; wants?: (entry: Entry) => boolean; signal: AbortSignal }>;

/** The wanted files whose content needs a chunk, as shown text: the first few, and how many there are. */
export async function filesOfChunk(
  { listing, wants, signal }: Request,
  chunk: number,
): Promise<Readonly<{ named: readonly string[]; count: number }>> {
  const named: string[] = [];
  let count = 0;
  for await (const entry of listing.entries()) {
    signal.throwIfAborted();
    if ((wants?.(entry) ?? true) && (await needsChunk(listing, entry, chunk))) {
      count += 1;
      if (named.length < mostNamed) {
        named.push(pathText(entry.path));
      }
    }
  }
  return { named, count };
}

async function needsChunk(listing: Listing, entry: Entry, chunk: number): Promise<boolean> {
  if (entry.kind !== 'file') {
    return false;
  }
  if (entry.extents.some((extent) => extent.chunk === chunk)) {
    return true;
  }
  // The page map may lie in what is damaged: then it is the file that cannot be restored, whatever its pages.
  const extents = entry.content === 'paged' ? await contentIfReadable(listing, entry) : [];
  return extents === undefined || extents.some((extent) => extent.chunk === chunk);
}

async function contentIfReadable(listing: Listing, file: FileEntry): Promise<readonly Extent[] | undefined> {
  try {
    return await listing.contentOf(file);
  } catch (error) {
    if (error instanceof AppError && error.kind === 'damaged') {
      return undefined;
    }
    throw error;
  }
}
