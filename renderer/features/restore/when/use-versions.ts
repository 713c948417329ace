import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { useClient } from '../../../client/engine.tsx';
import { filterOf, type ChosenPath, type What } from '../choice.ts';
import { backupsQuery, type ListedBackup } from '../use-backups.ts';

export type Versions = Readonly<{
  backups: readonly ListedBackup[];
  /** The copy that was read because the vault is away. */
  from: string | null;
  /** Backups that hold the same as one that is listed. */
  left: number;
}>;

type Found = CallOutput<'backups.find'>['found'][number];

/** The backups that hold what is wanted; of one file, those in which it differs. */
export function useVersions(what: What) {
  const client = useClient();
  const queries = useQueryClient();
  const filter = filterOf(what);
  const [path] = what.kind === 'files' && what.paths.length === 1 ? what.paths : [];
  return useQuery<Versions>({
    queryKey: ['backups.find', 'versions', filter, path],
    queryFn: async () => {
      const list = await queries.fetchQuery(backupsQuery(client, filter));
      if (path === undefined || path.path === '') return { ...list, left: 0 };
      const { found } = await client.call('backups.find', { name: escaped(path.path) });
      return differing(
        list,
        found.find((each) => isSame(each, path)),
      );
    },
  });
}

/** Of each run of backups that hold the same the newest. */
function differing(
  { backups, from }: Readonly<{ backups: readonly ListedBackup[]; from: string | null }>,
  found: Found | undefined,
): Versions {
  const versions = found?.versions ?? [];
  const wanted = new Set(
    versions
      .filter((_, index) => index === 0 || versions[index - 1]?.sameAsPrevious === false)
      .map(({ backupId }) => backupId),
  );
  const isFolder = versions[0]?.kind === 'folder';
  const holding = new Set(versions.map(({ backupId }) => backupId));
  const shown = backups.filter(({ backupId }) => (isFolder ? holding : wanted).has(backupId));
  return { backups: shown, from, left: holding.size - shown.length };
}

function isSame({ component, volume, path }: Found, chosen: ChosenPath): boolean {
  return component === chosen.component && volume === chosen.volume && path === chosen.path;
}

/** A name without a pattern's signs is looked for anywhere: with a slash in front of none it stands for itself. */
function escaped(path: string): string {
  return path.replaceAll(/[*?[]/gu, '?');
}
