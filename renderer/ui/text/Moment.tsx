import { useEffect, useState } from 'react';
import { momentText } from '../../../shared/lib/time-text.ts';

/** A point in time as people say it; whole, with its time zone, when it is pointed at. */
export function Moment({ at }: Readonly<{ at: string | number }>) {
  const nowMs = useMinute();
  const date = new Date(at);
  const whole = date.toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' });
  return (
    <time dateTime={date.toISOString()} title={whole}>
      {momentText(date.getTime(), nowMs)}
    </time>
  );
}

/** Now, renewed once a minute while somebody looks. */
export function useMinute(): number {
  const [nowMs, setNow] = useState(() => Date.now());
  useEffect(() => {
    const renew = (): void => {
      if (!document.hidden) setNow(Date.now());
    };
    const timer = setInterval(renew, 60_000);
    document.addEventListener('visibilitychange', renew);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', renew);
    };
  }, []);
  return nowMs;
}
