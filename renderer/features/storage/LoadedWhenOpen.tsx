import { Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Loaded } from '../../ui/frame/Loaded.tsx';
import { isLocked, isVaultShut } from '../../ui/state/ErrorNotice.tsx';

type Props<Value> = Readonly<{
  query: UseQueryResult<Value>;
  what: string;
  children: (value: Value) => ReactNode;
}>;

/** What hangs on the vault. That it is locked or away, and what mends it, is said once, by the card of the vault. */
export function LoadedWhenOpen<Value>(props: Props<Value>) {
  const { data, error } = props.query;
  if (data === undefined && error !== null && isVaultShut(error))
    return (
      <Text c="var(--page-quiet)">
        This is known when the vault is {isLocked(error) ? 'unlocked' : 'there again'}.
      </Text>
    );
  return <Loaded {...props} />;
}
