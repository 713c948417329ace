import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import type { ChosenPath } from '../choice.ts';

export type TreeEntry = CallOutput<'backups.files'>['files'][number];

/** A folder that is open: what was read of it so far. */
export type OpenFolder = Readonly<{
  entries: readonly TreeEntry[];
  /** Where the next page begins; null at the end. */
  next: string | null;
  state: 'loading' | 'read';
}>;

/** A row of a tree that is shown as a list. */
export type TreeRow = Readonly<
  | {
      kind: 'entry';
      key: string;
      place: ChosenPath;
      depth: number;
      name: string;
      size: number;
      isFolder: boolean;
    }
  | {
      kind: 'more';
      key: string;
      place: ChosenPath;
      depth: number;
    }
>;

export type TreeSource = Readonly<{ component: string; volume: string; label: string; bytes: number }>;

export function keyOf({ component, volume, path }: ChosenPath): string {
  return `${component}\0${volume}\0${path}`;
}

/** The rows that a tree has with these folders open. */
export function rowsOf(
  sources: readonly TreeSource[],
  open: ReadonlyMap<string, OpenFolder>,
): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  for (const { component, volume, label, bytes } of sources) {
    const place = { component, volume, path: '' };
    rows.push({
      kind: 'entry',
      key: keyOf(place),
      place,
      depth: 0,
      name: label,
      size: bytes,
      isFolder: true,
    });
    addFolder(rows, place, { open, depth: 1 });
  }
  return rows;
}

function addFolder(
  rows: TreeRow[],
  folder: ChosenPath,
  { open, depth }: Readonly<{ open: ReadonlyMap<string, OpenFolder>; depth: number }>,
): void {
  const read = open.get(keyOf(folder));
  if (read === undefined) return;
  for (const entry of read.entries) {
    const place = { component: entry.component, volume: entry.volume, path: entry.path };
    const key = keyOf(place);
    const name = entry.path.split('/').at(-1) ?? entry.path;
    const isFolder = entry.kind === 'folder';
    rows.push({ kind: 'entry', key, place, depth, name, size: entry.size, isFolder });
    if (isFolder && open.has(key)) addFolder(rows, place, { open, depth: depth + 1 });
  }
  if (read.next !== null || read.state === 'loading')
    rows.push({
      kind: 'more',
      key: `${keyOf(folder)}\0more`,
      place: folder,
      depth,
    });
}

/** The paths without those that lie in another one of them. */
export function outermost(chosen: ReadonlyMap<string, ChosenPath>): readonly ChosenPath[] {
  return [...chosen.values()].filter((place) => !isBelowChosen(place, chosen));
}

/** Whether a folder above a place was chosen. */
export function isBelowChosen(place: ChosenPath, chosen: ReadonlyMap<string, ChosenPath>): boolean {
  const { path } = place;
  if (path === '') return false;
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
    if (chosen.has(keyOf({ ...place, path: path.slice(0, end) }))) return true;
  return chosen.has(keyOf({ ...place, path: '' }));
}
