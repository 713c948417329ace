import { type UseQueryResult, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { AsOf } from '../state/AsOf.tsx';
import { ErrorNotice } from '../state/ErrorNotice.tsx';
import { Waiting } from './Waiting.tsx';

type Props<Value> = Readonly<{
  query: UseQueryResult<Value>;
  what: string;
  children: (value: Value) => ReactNode;
}>;

/** What a call has read, or what is awaited, or why there is nothing. What was read before stays when reading it anew fails, and says so. */
export function Loaded<Value>({ query, what, children }: Props<Value>) {
  const queries = useQueryClient();
  // What else failed beside it mostly has the same cause, and may not have a button of its own.
  const retry = (): void =>
    void queries.refetchQueries({ type: 'active', predicate: ({ state }) => state.error !== null });
  if (query.data !== undefined) {
    return (
      <>
        <AsOf query={query} />
        {children(query.data)}
      </>
    );
  }
  if (query.error !== null) return <ErrorNotice error={query.error} onRetry={retry} />;
  return <Waiting what={what} />;
}
