import { useEffect, useState } from 'react';
import type { CallInput } from '../../../../shared/ipc/contract.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { RestorePlan } from '../../../../shared/model/restore-plan.ts';
import { type TaskProgress, useClient, useTask } from '../../../client/engine.tsx';

/** How far a plan is: what is awaited, then the plan, or why there is none. */
export type Planning = Readonly<
  | { state: 'working'; progress: TaskProgress | undefined }
  | { state: 'done'; plan: RestorePlan }
  | { state: 'failed'; error: Error }
>;

const oftenMs = 200;

/**
 * Plans a restore, and again whenever something else is asked for, or the same once more; nobody waits on for what was asked before.
 */
export function usePlan(
  request: CallInput<'restore.plan'>,
): Readonly<{ planning: Planning; again: () => void }> {
  const [attempt, setAttempt] = useState(0);
  return { planning: usePlanned(request, attempt), again: () => setAttempt((before) => before + 1) };
}

function usePlanned(request: CallInput<'restore.plan'>, attempt: number): Planning {
  const client = useClient();
  const [taskId, setTaskId] = useState<string>();
  const [failure, setFailure] = useState<Error>();
  // Its identity changes with each drawing of the page, its text does not.
  const asked = JSON.stringify(request);
  useEffect(() => {
    let isOver = false;
    let begun: string | undefined;
    const cancel = async (): Promise<void> => {
      if (begun === undefined) return;
      // Whether it has ended by itself is all the same.
      await client.call('tasks.cancel', { taskId: begun }).catch(() => undefined);
    };
    const begin = async (): Promise<void> => {
      try {
        ({ taskId: begun } = await client.call('restore.plan', request));
        if (isOver) await cancel();
        else setTaskId(begun);
      } catch (error) {
        if (!isOver) setFailure(error instanceof Error ? error : new Error(String(error)));
      }
    };
    void begin();
    return () => {
      isOver = true;
      setTaskId(undefined);
      setFailure(undefined);
      void cancel();
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `asked` is `request`, `attempt` asks once more
  }, [client, asked, attempt]);
  const { data, error } = useTask(taskId, oftenMs);
  const wrong = failure ?? error;
  if (wrong !== null) return { state: 'failed', error: wrong };
  if (data?.error != null)
    return { state: 'failed', error: new AppError(data.error.kind, data.error.message, data.error) };
  if (data?.operation === 'restorePlan' && data.result !== null) return { state: 'done', plan: data.result };
  return { state: 'working', progress: data?.progress ?? undefined };
}
