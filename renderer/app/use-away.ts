import { useEffect, useState } from 'react';
import { useLostSince } from '../client/engine.tsx';

/** A connection that is made again at once troubles nobody. */
const patienceMs = 4000;

/** Since when the engine is away; undefined while it answers, or was lost only just now. */
export function useAwaySince(): number | undefined {
  const lostAtMs = useLostSince();
  const [waitedFor, setWaitedFor] = useState<number>();
  useEffect(() => {
    const timer = setTimeout(() => setWaitedFor(lostAtMs), patienceMs);
    return () => clearTimeout(timer);
  }, [lostAtMs]);
  return waitedFor === lostAtMs ? lostAtMs : undefined;
}
