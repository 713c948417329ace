import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import type { ChosenPath } from '../choice.ts';

export type TreeEntry = CallOutput<'backups.files'>['files'][number];

export type TreeSource = Readonly<{ component: string; volume: string; label: string; bytes: number }>;

/** A folder that is open: where it stands among those beside it, and how much it holds; undefined while that is being read. */
export type OpenFolder = Readonly<{
  place: ChosenPath;
  /** Of the folder that it lies in; undefined for a source. */
  parent: string | undefined;
  position: number;
  total: number | undefined;
}>;

/** An open folder with all that is open below it. */
export type FolderNode = Readonly<{
  key: string;
  /** Undefined: it holds the sources. */
  place: ChosenPath | undefined;
  depth: number;
  /** What lies in it directly; undefined while that is being read. */
  total: number | undefined;
  /** Rows below it. */
  rows: number;
  /** In order of their positions. */
  open: readonly Readonly<{ position: number; node: FolderNode }>[];
}>;

/** Where a row of the tree lies. */
export type RowPlace = Readonly<{
  folder: FolderNode;
  position: number;
  /** The row of the folder; -1 for sources. */
  parentRow: number;
}>;

export function keyOf({ component, volume, path }: ChosenPath): string {
  return `${component}\0${volume}\0${path}`;
}

/** The tree with these folders open. What it takes to make it grows with the folders that are open, not with what they hold. */
export function outlineOf(sources: number, open: ReadonlyMap<string, OpenFolder>): FolderNode {
  const inside = Map.groupBy(open.entries(), ([, { parent }]) => parent);
  const nodeOf = (key: string | undefined, of: Pick<FolderNode, 'place' | 'total' | 'depth'>): FolderNode => {
    const children = (inside.get(key) ?? [])
      .map(([childKey, { place, position, total }]) => ({
        position,
        node: nodeOf(childKey, { place, total, depth: of.depth + 1 }),
      }))
      .toSorted((one, other) => one.position - other.position);
    // A folder that is being read has a row that says so.
    const rows = children.reduce((sum, { node }) => sum + node.rows, of.total ?? 1);
    return { key: key ?? '', ...of, rows, open: children };
  };
  return nodeOf(undefined, { place: undefined, total: sources, depth: 0 });
}

/** Where the row lies that stands at `index` below a folder. */
export function rowPlace(folder: FolderNode, index: number, parentRow = -1): RowPlace {
  let below = 0;
  for (const { position, node } of folder.open) {
    const row = position + below;
    if (index <= row) break;
    if (index <= row + node.rows) return rowPlace(node, index - row - 1, parentRow + 1 + row);
    below += node.rows;
  }
  return { folder, position: index - below, parentRow };
}

/** The name of an entry, without the folders that it lies in. */
export function nameOf({ path }: Readonly<{ path: string }>): string {
  return path.slice(path.lastIndexOf('/') + 1);
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
