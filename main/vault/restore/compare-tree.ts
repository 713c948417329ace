import { ByteWriter } from '../listing/byte-writer.ts';
import type { Entry } from '../listing/entry.ts';
import type { Listing } from '../listing/listing.ts';
import { ahead } from './ahead.ts';
import type { TreeDifference } from './tree-difference.ts';
import { TreeOpsWriter } from './tree-ops.ts';
import { TreeOrder } from './tree-order.ts';
import { TreeThread } from './tree-thread.ts';
import type { CompareJob } from './tree-thread.ts';

export type CompareOptions = Readonly<{
  signal: AbortSignal;
  /** False leaves out owner, mode and attributes, as a restore without exact metadata does. True when undefined. */
  exactMetadata?: boolean;
}> &
  Partial<CompareJob>;

const messageBytes = 65_536;

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
  const bytes = new ByteWriter();
  const ops = new TreeOpsWriter(bytes);
  const order = new TreeOrder({
    folder: (number, place, entry) => {
      ops.folder(number, place, entry);
    },
    finished: (number) => {
      ops.finishFolder(number);
    },
  });
  for await (const entry of ahead(listing.entries(), async (next) => await thread.whileRunning(next))) {
    addEntry(entry, order, ops);
    if (bytes.length >= messageBytes) {
      await thread.send(bytes.written, []);
      bytes.reset();
    }
  }
  order.end();
  await thread.send(bytes.written, []);
  const { differences } = await thread.finish();
  return differences;
}

function addEntry(entry: Entry, order: TreeOrder, ops: TreeOpsWriter): void {
  if (entry.kind === 'folder') {
    order.enter(entry, true);
    return;
  }
  const place = order.placeOf(entry);
  switch (entry.kind) {
    case 'symlink':
      ops.symlink(place, entry.target, entry);
      break;
    case 'hardlink':
      ops.hardLink(place, entry.linkTo);
      break;
    case 'file':
      ops.beginFile(place, entry, entry.crc32);
      ops.endFile();
  }
}
