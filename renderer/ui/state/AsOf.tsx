import { Text, UnstyledButton } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useLostSince } from '../../client/engine.tsx';
import { Moment } from '../text/Moment.tsx';
import { errorText } from './error-text.ts';
import classes from './AsOf.module.css';

type Props = Readonly<{
  query: Readonly<Pick<UseQueryResult, 'data' | 'dataUpdatedAt' | 'error' | 'refetch'>>;
}>;

/** Says that what stands here was read before, when, and why it cannot be read now; nothing while it is true. */
export function AsOf({ query }: Props) {
  const lostSince = useLostSince();
  const { data, dataUpdatedAt, error, refetch } = query;
  // Where nobody answers at all, the banner above the page says it of everything.
  if (data === undefined || error === null || lostSince !== undefined) return null;
  return (
    <Text className={classes['note']} role="note" component="div">
      As it was <Moment at={dataUpdatedAt} />. It cannot be read now: {errorText(error)}{' '}
      <UnstyledButton className={classes['again']} onClick={() => void refetch()}>
        Try again
      </UnstyledButton>
    </Text>
  );
}
