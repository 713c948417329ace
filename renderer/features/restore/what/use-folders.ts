import { useState } from 'react';
import { messageOf } from '../../../../shared/lib/app-error.ts';
import { useClient } from '../../../client/engine.tsx';
import type { ChosenPath } from '../choice.ts';
import { keyOf, type OpenFolder } from './file-tree.ts';

const pageSize = 500;

/** Folders of a backup that are open, each read page by page: a folder may hold a million names. */
export function useFolders(backupId: string) {
  const client = useClient();
  const [open, setOpen] = useState<ReadonlyMap<string, OpenFolder>>(new Map());
  const [error, setError] = useState<string>();
  const put = (key: string, folder: OpenFolder): void =>
    setOpen((before) => new Map(before).set(key, folder));
  const read = async (place: ChosenPath, before: OpenFolder | undefined): Promise<void> => {
    const key = keyOf(place);
    const entries = before?.entries ?? [];
    put(key, { entries, next: before?.next ?? null, state: 'loading' });
    try {
      const after = before?.next ?? undefined;
      const page = await client.call('backups.files', {
        backupId,
        ...place,
        limit: pageSize,
        ...(after === undefined ? {} : { after }),
      });
      setError(undefined);
      put(key, { entries: [...entries, ...page.files], next: page.next, state: 'read' });
    } catch (problem) {
      setError(messageOf(problem));
      setOpen((now) => new Map([...now].filter(([each]) => each !== key)));
    }
  };
  const toggle = (place: ChosenPath): void => {
    const key = keyOf(place);
    if (open.has(key)) setOpen((before) => new Map([...before].filter(([each]) => each !== key)));
    else void read(place, undefined);
  };
  const readMore = (place: ChosenPath): void => {
    const known = open.get(keyOf(place));
    if (known?.state === 'read' && known.next !== null) void read(place, known);
  };
  return { open, error, toggle, readMore };
}
