import { Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Loaded } from '../../ui/frame/Loaded.tsx';
import { isLocked } from '../../ui/state/ErrorNotice.tsx';

type Props<Value> = Readonly<{
  query: UseQueryResult<Value>;
  what: string;
  children: (value: Value) => ReactNode;
}>;

/** What hangs on the vault. That it is locked, and what opens it, is said once, by the card of the vault. */
export function LoadedWhenOpen<Value>(props: Props<Value>) {
  const { data, error } = props.query;
  if (data === undefined && error !== null && isLocked(error))
    return <Text c="var(--page-quiet)">This is known when the vault is unlocked.</Text>;
  return <Loaded {...props} />;
}
