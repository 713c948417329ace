import { describe, expect, it } from 'vitest';
import {
  keyOf,
  type OpenFolder,
  outlineOf,
  rowPlace,
} from '../../../../../renderer/features/restore/what/file-tree.ts';

function placeOf(volume: string, path: string) {
  return { component: 'memory', volume, path };
}

/** Two sources: the second holds a million, of which number 10 (empty), 20 (three) and, still being read, 999,999 are open. */
function opened(): ReadonlyMap<string, OpenFolder> {
  const top = placeOf('b', '');
  const child = (path: string, position: number, total: number | undefined): OpenFolder => ({
    place: placeOf('b', path),
    parent: keyOf(top),
    position,
    total,
  });
  const folders: readonly OpenFolder[] = [
    child('last', 999_999, undefined),
    { place: top, parent: undefined, position: 1, total: 1_000_000 },
    child('ten', 10, 0),
    child('twenty', 20, 3),
    // Its folder is closed: it is not seen.
    { place: placeOf('a', 'x/y'), parent: keyOf(placeOf('a', 'x')), position: 0, total: 7 },
  ];
  return new Map(folders.map((folder) => [keyOf(folder.place), folder]));
}

describe('the tree of a backup', () => {
  const outline = outlineOf(3, opened());
  const rowAt = (index: number) => {
    const { folder, position, parentRow } = rowPlace(outline, index);
    return [folder.place?.path ?? 'sources', position, folder.depth, parentRow];
  };

  it('has a row for all that is open, and one for a folder that is being read', () => {
    expect(outline.rows).toBe(3 + 1_000_000 + 3 + 1);
  });

  it('knows of every row where it lies, at the ends of folders and between them', () => {
    expect([0, 1, 2, 12, 13, 22, 23, 25, 26].map(rowAt)).toEqual([
      ['sources', 0, 0, -1],
      ['sources', 1, 0, -1],
      ['', 0, 1, 1],
      ['', 10, 1, 1],
      ['', 11, 1, 1],
      ['', 20, 1, 1],
      ['twenty', 0, 2, 22],
      ['twenty', 2, 2, 22],
      ['', 21, 1, 1],
    ]);
    expect([1_000_004, 1_000_005, 1_000_006].map(rowAt)).toEqual([
      ['', 999_999, 1, 1],
      ['last', 0, 2, 1_000_004],
      ['sources', 2, 0, -1],
    ]);
  });
});
