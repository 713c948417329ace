import { useCall } from '../../client/engine.tsx';
import { Moment } from '../../ui/Moment.tsx';

/** When all or a part of the vault was read and checked last. */
export function LastVerified() {
  const { data } = useCall('history.list', { limit: 1, filter: { operation: 'verify' } });
  const last = data?.runs[0];
  if (data === undefined) return <>…</>;
  if (last === undefined) return <>Not yet</>;
  return (
    <>
      <Moment at={last.finishedMs} />
      {last.outcome === 'failed' && ', damaged'}
    </>
  );
}
