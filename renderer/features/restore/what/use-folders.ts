import { useDebouncedValue } from '@mantine/hooks';
import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { useClient } from '../../../client/engine.tsx';
import type { ChosenPath } from '../choice.ts';
import {
  type FolderNode,
  keyOf,
  type OpenFolder,
  outlineOf,
  rowPlace,
  type RowPlace,
  type TreeEntry,
} from './file-tree.ts';

type Page = CallOutput<'backups.files'>;
type WantedPage = Readonly<{ place: ChosenPath; page: number }>;

const pageRows = 256;
/** Whoever flies past rows does not want them read. */
const restMs = 80;

/** Folders of a backup that are open; of each, which may hold a million names, the pages in sight are read. */
export function useFolders(backupId: string, sources: number) {
  const client = useClient();
  const queries = useQueryClient();
  const [opened, setOpened] = useState<ReadonlyMap<string, Omit<OpenFolder, 'total'>>>(new Map());
  const [shown, setShown] = useState<readonly [number, number]>([0, 0]);
  const [[from, to]] = useDebouncedValue(shown, restMs);
  const onShown = useCallback((start: number, end: number) => setShown([start, end]), []);
  const queryKeyOf = ({ place, page }: WantedPage) => ['backups.files', backupId, place, page] as const;
  const pageOf = (wanted: WantedPage): Page | undefined => queries.getQueryData<Page>(queryKeyOf(wanted));
  const totalOf = (place: ChosenPath): number | undefined => pageOf({ place, page: 0 })?.total;
  const outline = outlineOf(
    sources,
    new Map([...opened].map(([key, folder]) => [key, { ...folder, total: totalOf(folder.place) }])),
  );
  const pages = useQueries({
    queries: wantedPages(outline, from, to).map(({ place, page }) => ({
      queryKey: queryKeyOf({ place, page }),
      queryFn: async () =>
        await client.call('backups.files', { backupId, ...place, offset: page * pageRows, limit: pageRows }),
    })),
  });
  const error = pages.find((page) => page.data === undefined && page.error !== null)?.error ?? null;
  const toggle = (place: ChosenPath, { folder, position }: RowPlace): void =>
    setOpened((before) => {
      const after = new Map(before);
      const key = keyOf(place);
      const parent = folder.place === undefined ? undefined : folder.key;
      if (!after.delete(key)) after.set(key, { place, parent, position });
      return after;
    });
  return {
    count: outline.rows,
    error,
    retry: () => void Promise.all(pages.map(async ({ refetch }) => await refetch())),
    onShown,
    toggle,
    isOpen: (key: string): boolean => opened.has(key),
    rowAt: (index: number): RowPlace => rowPlace(outline, index),
    /** What stands there; undefined while it is being read. */
    entryAt: ({ folder, position }: RowPlace): TreeEntry | undefined =>
      folder.place === undefined
        ? undefined
        : pageOf({ place: folder.place, page: Math.floor(position / pageRows) })?.files[position % pageRows],
  };
}

/** The pages in sight; the first page of every open folder tells how much it holds, and is always read. */
function wantedPages(outline: FolderNode, from: number, to: number): readonly WantedPage[] {
  const wanted = new Map<string, WantedPage>();
  const add = (place: ChosenPath, page: number): void => {
    wanted.set(`${keyOf(place)}\0${String(page)}`, { place, page });
  };
  const addFirst = ({ place, open }: FolderNode): void => {
    if (place !== undefined) add(place, 0);
    for (const { node } of open) addFirst(node);
  };
  addFirst(outline);
  for (let index = from; index <= Math.min(to, outline.rows - 1); index += 1) {
    const { folder, position } = rowPlace(outline, index);
    if (folder.place !== undefined) add(folder.place, Math.floor(position / pageRows));
  }
  return [...wanted.values()];
}
