import { useQueries } from '@tanstack/react-query';
import { useClient } from '../../client/engine.tsx';
import { Said } from '../../ui/state/Said.tsx';

/** Says so when everything lies on the disk that is backed up. */
export function SameDiskWarning({ locations }: Readonly<{ locations: readonly string[] }>) {
  const client = useClient();
  const folders = locations.filter((location) => location.startsWith('/'));
  const looks = useQueries({
    queries: folders.map((folder) => ({
      queryKey: ['folders.look', { folder }],
      queryFn: async () => await client.call('folders.look', { folder }),
    })),
  });
  const isAllHere =
    folders.length === locations.length && looks.every(({ data }) => data?.isOnInstallDisk === true);
  if (!isAllHere) return null;
  return (
    <Said tone="attention">
      All backups are on the disk that is backed up: when that disk fails, server and backups are both lost.
      Add a copy on another disk, a share or in a bucket.
    </Said>
  );
}
