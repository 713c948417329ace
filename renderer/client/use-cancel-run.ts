import { useMutation } from '@tanstack/react-query';
import { type LiveRun, useCall, useClient } from './engine.tsx';

/** What ends a run: its task, or the run that alone may write. Undefined for one that only the schedule has in hand. */
export function useCancelRun({ runId, what }: LiveRun) {
  const client = useClient();
  const { data } = useCall('tasks.list', {});
  const isTask = data?.tasks.some(({ taskId }) => taskId === runId) === true;
  const cancel = useMutation({
    mutationFn: async (): Promise<void> => {
      if (isTask) await client.call('tasks.cancel', { taskId: runId });
      else await client.call('run.cancel', {});
    },
  });
  return isTask || what === 'backup' || what === 'restore' ? cancel : undefined;
}
