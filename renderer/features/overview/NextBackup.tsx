import { Button } from '@mantine/core';
import type { StateName } from '../../../shared/model/status.ts';
import { addressOf } from '../../app/routes.ts';
import { useAction, useCall } from '../../client/engine.tsx';
import { showProblem } from '../../ui/state/show-problem.ts';
import { addressOfAction } from './status-action.ts';

const onNow: readonly StateName[] = ['running', 'restoring', 'recovering'];
/** No backup can be made before these are mended. */
const first: readonly StateName[] = ['set up', 'locked'];

/** What leads from an empty page to a backup: the backup itself, or what has to be done before, or the one that is on. */
export function NextBackup() {
  const { data: standing } = useCall('status.get', {});
  const start = useAction('backup.start');
  if (standing === undefined) return null;
  const { state, action } = standing;
  if (onNow.includes(state)) return <Link href={addressOf('overview')} label="Show what is on" />;
  const before = action === null ? undefined : addressOfAction(action);
  if (action !== null && before !== undefined && first.includes(state))
    return <Link href={before} label={action.label} />;
  return (
    <Button loading={start.isPending} onClick={() => start.mutate({}, { onError: showProblem })}>
      Back up now
    </Button>
  );
}

function Link({ href, label }: Readonly<{ href: string; label: string }>) {
  return (
    <Button component="a" href={href}>
      {label}
    </Button>
  );
}
