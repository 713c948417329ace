import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import type { ChangeKind } from '../../../../shared/model/comparison.ts';
import { useClient } from '../../../client/engine.tsx';

type Page = CallOutput<'backups.compare'>;
export type CompareRow = Page['rows'][number];
export type GroupRow = Extract<CompareRow, { kind: 'group' }>;
export type Difference = Extract<CompareRow, { kind: 'file' }>['entry'];

export type Wish = Readonly<{ kind: ChangeKind; text: string; closed: readonly number[] }>;
type Pair = Readonly<{ firstId: string; secondId: string }>;

const pageRows = 100;
/** Whoever flies past rows does not want them read. */
const restMs = 80;

/**
 * The differences of two backups in pages, of which those in sight are read. After another wish what was shown stays until its first
 * page is there.
 */
export function useComparison(pair: Pair, wish: Wish) {
  const client = useClient();
  const queries = useQueryClient();
  const [shown, setShown] = useState<readonly [number, number]>([0, 0]);
  const [[from, to]] = useDebouncedValue(shown, restMs);
  const onShown = useCallback((start: number, end: number) => setShown([start, end]), []);
  const pageQuery = (of: Wish, page: number) => ({
    queryKey: ['backups.compare', pair, of, page] as const,
    queryFn: async () =>
      await client.call('backups.compare', {
        ...pair,
        ...of,
        closed: [...of.closed],
        offset: page * pageRows,
        limit: pageRows,
      }),
  });
  const head = useQuery({ ...pageQuery(wish, 0), placeholderData: keepPreviousData });
  const [answered, setAnswered] = useState(wish);
  const [start, end] = [Math.floor(from / pageRows), Math.floor(to / pageRows)];
  const pages = useQueries({
    queries: Array.from({ length: end - start + 1 }, (_, index) => pageQuery(wish, start + index)),
  });
  const isRead = pages.every(({ data }) => data !== undefined) && !head.isPlaceholderData;
  if (isRead && head.data !== undefined && answered !== wish) setAnswered(wish);
  const pageOf = (page: number): Page | undefined =>
    queries.getQueryData<Page>(pageQuery(answered, page).queryKey);
  const failed = pages.find((page) => page.data === undefined && page.error !== null);
  return {
    head,
    error: failed?.error ?? null,
    retry: () => void Promise.all(pages.map(async ({ refetch }) => await refetch())),
    total: pageOf(0)?.total ?? head.data?.total ?? 0,
    onShown,
    rowAt: (index: number): CompareRow | undefined =>
      pageOf(Math.floor(index / pageRows))?.rows[index % pageRows],
  };
}
