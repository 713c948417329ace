import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { addressOf, pageNamed } from '../../app/routes.ts';
import { useClient } from '../../client/engine.tsx';
import { showProblem } from '../../ui/show-problem.ts';
import { doStatusAction, pageOfAction, type StatusAction } from './status-action.ts';

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
  const target = pageOfAction(action);
  if (target !== undefined) {
    const page = pageNamed(target);
    if (page === undefined || page.name === 'overview') return null;
    return (
      <Button component="a" href={addressOf(page.name)} {...look}>
        {action.label}
      </Button>
    );
  }
  return (
    <Button loading={deed.isPending} onClick={() => deed.mutate()} {...look}>
      {action.label}
    </Button>
  );
}
