import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useHost } from '../../client/host.tsx';
import { showProblem } from '../state/show-problem.ts';

/** Shows a folder in the file manager of the desktop. A browser may be on another machine: there it offers nothing. */
export function OpenFolder({ folder, size = 'sm' }: Readonly<{ folder: string; size?: 'xs' | 'sm' }>) {
  const { openFolder } = useHost();
  const open = useMutation({ mutationFn: async () => await openFolder?.(folder), onError: showProblem });
  if (openFolder === undefined) return undefined;
  return (
    <Button variant="default" size={size} loading={open.isPending} onClick={() => open.mutate()}>
      Open folder
    </Button>
  );
}
