import { useDebouncedValue } from '@mantine/hooks';
import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import type { TimelineFilter } from '../../../../shared/model/timeline.ts';
import type { TimelineEntry } from './timeline-entry.ts';
import { useClient } from '../../../client/engine.tsx';

type Page = CallOutput<'history.timeline'>;

const pageRows = 100;
/** Whoever flies past rows does not want them read. */
const restMs = 80;

/** The list in pages of a hundred, of which those in sight are read; what was read before stays while it is read anew. */
export function useTimeline(filter: TimelineFilter) {
  const client = useClient();
  const queries = useQueryClient();
  const [shown, setShown] = useState<readonly [number, number]>([0, 0]);
  const [[from, to]] = useDebouncedValue(shown, restMs);
  const keyOf = (page: number) => ['history.timeline', filter, page] as const;
  const pages = useQueries({
    queries: pagesOf(from, to).map((page) => ({
      queryKey: keyOf(page),
      queryFn: async () =>
        await client.call('history.timeline', { offset: page * pageRows, limit: pageRows, filter }),
    })),
  });
  const first = pages[0]?.data;
  const error = pages.find((page) => page.data === undefined && page.error !== null)?.error ?? null;
  /** Read before, and not to be read now. */
  const outdated = pages.find((page) => page.data !== undefined && page.error !== null);
  const onShown = useCallback((start: number, end: number) => setShown([start, end]), []);
  const rowOf = (key: string): TimelineEntry | undefined =>
    queries
      .getQueriesData<Page>({ queryKey: ['history.timeline', filter] })
      .flatMap(([, page]) => page?.rows ?? [])
      .find((row) => row.key === key);
  return {
    first,
    error,
    outdated,
    onShown,
    /** One of those that were read. */
    rowOf,
    retry: () => void Promise.all(pages.map(async ({ refetch }) => await refetch())),
    rowAt: (index: number): TimelineEntry | undefined =>
      queries.getQueryData<Page>(keyOf(Math.floor(index / pageRows)))?.rows[index % pageRows],
  };
}

/** The first page tells how many there are: it is always read. */
function pagesOf(from: number, to: number): readonly number[] {
  const start = Math.floor(from / pageRows);
  const count = Math.floor(to / pageRows) - start + 1;
  return [...new Set([0, ...Array.from({ length: count }, (_, index) => start + index)])];
}
