import { useCall } from '../../../client/engine.tsx';
import { Moment } from '../../../ui/text/Moment.tsx';

/** When all or a part of the vault was read and checked last. */
export function LastVerified() {
  const { data, error } = useCall('history.list', { limit: 100, filter: { operation: 'verify' } });
  // One that gave way to a backup, or whose place went away, says nothing.
  const last = data?.runs.find(
    ({ outcome, failureKind }) =>
      outcome === 'succeeded' || (outcome === 'failed' && failureKind === undefined),
  );
  if (data === undefined) return error === null ? <>…</> : <>Not known now</>;
  if (last === undefined) return <>Not yet</>;
  return (
    <>
      <Moment at={last.finishedMs} />
      {last.outcome === 'failed' && ', damaged'}
    </>
  );
}
