import type { Listing } from '../listing/listing.ts';
import { sendEntries } from './send-entries.ts';
import type { TreeDifference } from './tree-difference.ts';
import { TreeThread } from './tree-thread.ts';
import type { CompareJob } from './tree-thread.ts';

export type CompareOptions = Readonly<{
  signal: AbortSignal;
  /** False leaves out owner, mode and attributes, as a restore without exact metadata does. True when undefined. */
  exactMetadata?: boolean;
}> &
  Partial<CompareJob>;

/**
 * How a live tree differs from a listing, content (by CRC-32), names, kinds, links and metadata; the first 1000 differences
 * unless more are asked for. The tree is only read, and no symlink in it is followed.
 */
export async function compareTree(
  listing: Listing,
  folder: string,
  options: CompareOptions,
): Promise<readonly TreeDifference[]> {
  const {
    signal,
    exactMetadata = true,
    mostDifferences = 1000,
    countsNames = false,
    unreadSinceNs,
  } = options;
  const job = { mostDifferences, countsNames, unreadSinceNs } as const;
  await using thread = new TreeThread(
    { work: 'compare', folder, exact: exactMetadata, ...job },
    signal,
    () => undefined,
  );
  await sendEntries(listing.entries(), thread);
  const { differences } = await thread.finish();
  return differences;
}
