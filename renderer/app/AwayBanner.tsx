import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useClient } from '../client/engine.tsx';
import { Moment } from '../ui/text/Moment.tsx';
import { StateShape } from '../ui/state/StateShape.tsx';
import classes from './AwayBanner.module.css';
import { useAwaySince } from './use-away.ts';

const againMs = 5000;

/** Says above every page that the engine does not answer: nothing below it is told as of now. */
export function AwayBanner() {
  const awaySince = useAwaySince();
  return awaySince === undefined ? null : <Away since={awaySince} />;
}

function Away({ since }: Readonly<{ since: number }>) {
  const client = useClient();
  // Why, where that can be told: a browser may not be let in any more.
  const asked = useQuery({
    queryKey: ['away'],
    queryFn: async () => await client.call('home.get', {}),
    refetchInterval: againMs,
  });
  return (
    <div className={classes['banner']} role="alert">
      <StateShape shape="cross" severity="bad" size={20} />
      <Text miw={0}>
        {asked.error?.message ?? 'Trinity Backup does not tell what happens.'} What is shown here is of{' '}
        <Moment at={since} />; it is tried again by itself.
      </Text>
    </div>
  );
}
