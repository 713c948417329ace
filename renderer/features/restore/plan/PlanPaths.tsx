import { Group, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { countText, sizeText } from '../../../../shared/lib/size-text.ts';
import type { PlanTable } from '../../../../shared/lib/restore-plan/sentence.ts';
import { useClient } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { PathText } from '../../../ui/text/PathText.tsx';
import { VirtualRows } from '../../../ui/lists/VirtualRows.tsx';
import { Waiting } from '../../../ui/frame/Waiting.tsx';

const titles = {
  changed: 'Files that change',
  added: 'Files that come back',
  removed: 'Files that are removed',
};

/** The paths behind one number of a plan. */
export function PlanPaths({ planId, table }: Readonly<{ planId: string; table: PlanTable }>) {
  const client = useClient();
  const { source, change, files } = table;
  const query = useInfiniteQuery({
    queryKey: ['restore.planPaths', planId, source, change],
    queryFn: async ({ pageParam }) =>
      await client.call('restore.planPaths', { planId, source, change, after: pageParam }),
    initialPageParam: 0,
    getNextPageParam: ({ next }) => next,
  });
  if (query.error !== null) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <Waiting what="Reading the paths" />;
  const paths = query.data.pages.flatMap((page) => page.paths);
  const isCut = !query.hasNextPage && paths.length < files;
  return (
    <>
      <VirtualRows
        label={titles[change]}
        count={paths.length}
        rowHeight={28}
        height={224}
        onEnd={() => {
          if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
        }}
      >
        {(index) => <PathRow path={paths[index]?.path ?? ''} bytes={paths[index]?.bytes ?? 0} />}
      </VirtualRows>
      {isCut && (
        <Text size="xs" c="var(--page-quiet)">
          The first {countText(paths.length)} of {countText(files)} are listed.
        </Text>
      )}
    </>
  );
}

function PathRow({ path, bytes }: Readonly<{ path: string; bytes: number }>) {
  return (
    <Group justify="space-between" wrap="nowrap" px="sm" h={28}>
      <PathText path={path} size="xs" />
      <Text size="xs" c="var(--page-quiet)" flex="none">
        {sizeText(bytes)}
      </Text>
    </Group>
  );
}
