import { useState } from 'react';
import { useClient, useLiveRuns } from '../../../client/engine.tsx';
import { useLatest } from '../../../client/use-latest.ts';

const lookMs = 100;
const limitMs = 15_000;

/** Cancels the run that writes, and waits until it has ended: a restore is not kept waiting by a backup. */
export function useFreeWriter() {
  const client = useClient();
  const runs = useLatest(useLiveRuns());
  const [isFreeing, setFreeing] = useState(false);
  const isBusy = (): boolean =>
    [...runs.current.values()].some(
      ({ what }) => what === 'backup' || what === 'restore' || what === 'change',
    );
  const free = async (): Promise<void> => {
    setFreeing(true);
    try {
      // A run that is not cancelled refuses the restore, and says why.
      await client.call('run.cancel', {}).catch(() => undefined);
      const until = performance.now() + limitMs;
      while (isBusy() && performance.now() < until)
        await new Promise((resolve) => {
          setTimeout(resolve, lookMs);
        });
    } finally {
      setFreeing(false);
    }
  };
  return { free, isFreeing };
}
