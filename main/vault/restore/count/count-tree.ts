import type { Entry } from '../../listing/entry.ts';
import type { Listing } from '../../listing/listing.ts';
import { comparePaths } from '../../listing/path-order.ts';
import { sendEntries } from '../send-entries.ts';
import { TreeThread } from '../tree-thread.ts';
import type { CountJob } from './tree-counter.ts';
import type { TreeTally } from './tree-tally.ts';

export type CountOptions = Readonly<{
  /** Outermost paths that are restored; undefined: all of the listing. */
  paths: readonly Buffer[] | undefined;
  signal: AbortSignal;
  /** Told of the files that were looked at. */
  onFiles?: (files: number) => void;
}> &
  Omit<CountJob, 'paths'>;

const slash = 0x2f;

/**
 * What restoring a listing, or paths of it, would change in a live folder, in a thread: memory does not grow with the tree. Files
 * that nobody has touched since the backup are not read. `failed` when the tree changes too much meanwhile.
 */
export async function countTree(listing: Listing, folder: string, options: CountOptions): Promise<TreeTally> {
  const { paths, signal, onFiles, ...rules } = options;
  const job = { ...rules, paths: paths?.map((path) => path.toString('latin1')) };
  await using thread = new TreeThread({ work: 'count', folder, exact: true, ...job }, signal, ({ files }) =>
    onFiles?.(files),
  );
  await sendEntries(paths === undefined ? listing.entries() : wantedEntries(listing, paths), thread);
  const { tally } = await thread.finish();
  if (tally === undefined) throw new Error('The thread has not counted.');
  return tally;
}

/** The entries at and below these paths, and the folders above them, in the order of the listing. */
async function* wantedEntries(listing: Listing, paths: readonly Buffer[]): AsyncGenerator<Entry> {
  let above: readonly string[] = [];
  for (const path of paths.toSorted((one, other) => comparePaths(one, one.length, other, other.length))) {
    const folders = foldersAbove(path);
    for (const [index, folder] of folders.entries()) {
      if (above[index] === folder.toString('latin1')) continue;
      const entry = await listing.entry(folder);
      if (entry !== undefined) yield entry;
    }
    above = folders.map((folder) => folder.toString('latin1'));
    yield* listing.entries(path);
  }
}

/** Of a path, outermost first: the root is one of them, unless it is the path itself. */
function foldersAbove(path: Buffer): readonly Buffer[] {
  if (path.length === 0) return [];
  const folders: Buffer[] = [Buffer.alloc(0)];
  for (let at = path.indexOf(slash); at !== -1; at = path.indexOf(slash, at + 1))
    folders.push(path.subarray(0, at));
  return folders;
}
