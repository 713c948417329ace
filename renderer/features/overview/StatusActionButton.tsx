import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useClient } from '../../client/engine.tsx';
import { showProblem } from '../../ui/state/show-problem.ts';
import { addressOfAction, doStatusAction, type StatusAction } from './status-action.ts';

/** What mends a state: a way to a page, or a deed. Nothing is offered that leads to a page that is not there. */
export function StatusActionButton({
  action,
  isPrimary = false,
}: Readonly<{ action: StatusAction; isPrimary?: boolean }>) {
  const client = useClient();
  const deed = useMutation({
    mutationFn: async () => await doStatusAction(client, action),
    onError: showProblem,
  });
  const look = isPrimary ? ({ size: 'md' } as const) : ({ size: 'xs', variant: 'default' } as const);
  const address = addressOfAction(action);
  if (address !== undefined) {
    return (
      <Button component="a" href={address} {...look}>
        {action.label}
      </Button>
    );
  }
  if (action.operation === 'show') return null;
  return (
    <Button loading={deed.isPending} onClick={() => deed.mutate()} {...look}>
      {action.label}
    </Button>
  );
}
