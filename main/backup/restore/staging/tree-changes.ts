import { AppError } from '../../../../shared/lib/app-error.ts';
import type { KeepRules, Place } from '../../../components/component-handler.ts';
import { isWorkFolderName } from '../../../components/work-folder.ts';
import { pathBytes } from '../../../platform/path-text.ts';
import type { FolderEntry } from '../../../vault/listing/entry.ts';
import type { Listing } from '../../../vault/listing/listing.ts';
import { compareTree } from '../../../vault/restore/compare-tree.ts';
import type { TreeDifference } from '../../../vault/restore/tree-difference.ts';
import { staysTest } from '../restore-keep.ts';
import { below, joinPath, splitPath, statPlace } from './safe-place.ts';

/** How a live tree differs from its backup, as far as a restore has to change it. Paths are relative to the root. */
export type TreeChanges = Readonly<{
  /** Of the backup, none below another: not so live. */
  changed: readonly Buffer[];
  /** Live only, and not to stay. */
  extra: readonly Buffer[];
  /** Folders that are there, with other metadata. */
  folders: readonly FolderEntry[];
  /** Live only, and to stay. */
  kept: readonly Buffer[];
}>;

export type LiveTree = Readonly<{
  listing: Listing;
  live: Place;
  /** Real path of `live`. */
  folder: string;
  keep: KeepRules;
  signal: AbortSignal;
}>;

/** Each is a rename or two under the journal: with more, the whole tree is swapped as one. */
const maxChanges = 4096;
/** Live paths that stay are among them. */
const maxDifferences = 50_000;
const ofFolders: readonly TreeDifference['what'][] = ['mode', 'uid', 'gid', 'mtime', 'xattrs'];

/**
 * Compares a live tree with its backup: names, metadata, and content by reading it. Undefined when too much differs, or when the
 * tree changes meanwhile. Files of several names count as changed unless all of their names are as they were.
 */
export async function findChanges(tree: LiveTree): Promise<TreeChanges | undefined> {
  const differences = await compare(tree, undefined);
  if (differences === undefined) return undefined;
  const { listing, signal } = tree;
  const names = new Map<string, number>();
  const changed = new Map<string, Buffer>();
  const folders = new Map<string, FolderEntry>();
  for (const [index, { path: text, what, actual }] of differences.entries()) {
    if (index % 256 === 0) signal.throwIfAborted();
    if (what === 'extra') continue;
    const path = bytesOf(text);
    if (what === 'names') {
      names.set(keyOf(path), Number(actual));
      continue;
    }
    if (changed.has(keyOf(path)) || folders.has(keyOf(path))) continue;
    const entry = ofFolders.includes(what) ? await listing.entry(path) : undefined;
    if (entry?.kind === 'folder') folders.set(keyOf(path), entry);
    else changed.set(keyOf(path), path);
    if (changed.size + folders.size > maxChanges) return undefined;
  }
  if (names.size > 0 || changed.size > 0) await addFurtherNames(tree, names, changed);
  const { going, kept } = extrasOf(tree, differences);
  if (changed.has('') || changed.size + going.length > maxChanges) return undefined;
  return { changed: outermost(changed), extra: going, folders: [...folders.values()], kept };
}

/** Whether the tree still differs from its backup in nothing else, by the times of its files since `sinceNs`. */
export async function isUnchangedBut(
  tree: LiveTree,
  changes: TreeChanges,
  sinceNs: bigint,
): Promise<boolean> {
  const differences = await compare(tree, sinceNs);
  if (differences === undefined) return false;
  const known = new Set([...changes.changed, ...changes.extra].map(keyOf));
  const metadata = new Set(changes.folders.map(({ path }) => keyOf(path)));
  const rest = differences.filter(({ what }) => what !== 'extra' && what !== 'names');
  for (const { path: text, what } of rest) {
    const path = bytesOf(text);
    if (isWithinAny(path, known) || metadata.has(keyOf(path))) continue;
    // The time of a folder tells only of names, which are looked at themselves.
    if (what === 'mtime' && (await tree.listing.entry(path))?.kind === 'folder') continue;
    return false;
  }
  return extrasOf(tree, differences).going.every((path) => known.has(keyOf(path)));
}

/** Undefined where too much differs, or somebody works in the tree. */
async function compare(
  { listing, folder, signal }: LiveTree,
  unreadSinceNs: bigint | undefined,
): Promise<readonly TreeDifference[] | undefined> {
  const options = { signal, mostDifferences: maxDifferences, countsNames: true } as const;
  try {
    const found = await compareTree(listing, folder, {
      ...options,
      ...(unreadSinceNs === undefined ? {} : { unreadSinceNs }),
    });
    return found.length < maxDifferences ? found : undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AppError && error.kind === 'failed') return undefined;
    throw error;
  }
}

/** All names of a file are staged together or not at all: else they would not be one file any more. */
async function addFurtherNames(
  { listing, signal }: LiveTree,
  live: ReadonlyMap<string, number>,
  changed: Map<string, Buffer>,
): Promise<void> {
  const groups = new Map<string, Buffer[]>();
  for await (const entry of listing.entries()) {
    signal.throwIfAborted();
    if (entry.kind === 'hardlink') groupOf(groups, entry.linkTo).push(entry.path);
    else if (live.has(keyOf(entry.path))) groupOf(groups, entry.path);
  }
  const known = new Set(changed.keys());
  for (const [first, paths] of groups) {
    const isSame = (live.get(first) ?? 1) === paths.length && !paths.some((path) => isWithinAny(path, known));
    if (!isSame) for (const path of paths) changed.set(keyOf(path), path);
  }
}

function groupOf(groups: Map<string, Buffer[]>, first: Buffer): Buffer[] {
  const group = groups.get(keyOf(first)) ?? [first];
  groups.set(keyOf(first), group);
  return group;
}

function extrasOf(
  { live, keep }: LiveTree,
  differences: readonly TreeDifference[],
): Readonly<{ going: readonly Buffer[]; kept: readonly Buffer[] }> {
  const stays = staysTest(keep);
  const folder = { isDirectory: () => true, isFile: () => false, isSymbolicLink: () => false };
  const going: Buffer[] = [];
  const kept: Buffer[] = [];
  for (const { path: text, what } of differences) {
    const path = bytesOf(text);
    if (what !== 'extra' || isWorkFolderName(path.toString())) continue;
    const stat = statPlace(below(live, path));
    const above = splitPath(path).map((_, index, names) => joinPath(...names.slice(0, index)));
    const isKept =
      stat === undefined || stays(path, stat) || above.slice(1).some((each) => stays(each, folder));
    if (!isKept) going.push(path);
    else if (stat !== undefined) kept.push(path);
  }
  return { going, kept };
}

function outermost(paths: ReadonlyMap<string, Buffer>): readonly Buffer[] {
  const known = new Set(paths.keys());
  return [...paths.values()].filter((path) => {
    const parent = keyOf(path).lastIndexOf('/');
    return parent < 0 || !isWithinAny(path.subarray(0, parent), known);
  });
}

/** Whether a path is one of these or lies below one. */
function isWithinAny(path: Buffer, known: ReadonlySet<string>): boolean {
  const text = keyOf(path);
  for (let end = text.length; end > 0; end = text.lastIndexOf('/', end - 1)) {
    if (known.has(text.slice(0, end))) return true;
  }
  return known.has('');
}

function bytesOf(text: string): Buffer {
  return text === '.' ? Buffer.alloc(0) : pathBytes(text);
}

function keyOf(path: Buffer): string {
  return path.toString('latin1');
}
