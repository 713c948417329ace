import { Button, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { verifiedText } from '../../../../shared/lib/verified-text.ts';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { useAction, useLiveRuns, useTask } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { RunProgress } from '../../../ui/tasks/RunProgress.tsx';
import { Said } from '../../../ui/state/Said.tsx';
import { taskError } from '../../../ui/tasks/task-error.ts';
import { Waiting } from '../../../ui/frame/Waiting.tsx';

type VerifyResult = NonNullable<Extract<CallOutput<'tasks.get'>, { operation: 'verify' }>['result']>;

/** Reads all that lies at a place, and says what of it is damaged. */
export function VerifyButton({ copy }: Readonly<{ copy?: string }>) {
  const [taskId, setTaskId] = useState<string>();
  const start = useAction('verify.start');
  return (
    <Stack gap="sm">
      <Group>
        <Button
          size="xs"
          variant="default"
          loading={start.isPending}
          onClick={() =>
            start.mutate(
              { data: 'full', ...(copy === undefined ? {} : { from: copy }) },
              { onSuccess: (begun) => setTaskId(begun.taskId) },
            )
          }
        >
          Verify now
        </Button>
      </Group>
      {start.error !== null && <ErrorNotice error={start.error} />}
      {taskId !== undefined && <Outcome key={taskId} taskId={taskId} />}
    </Stack>
  );
}

function Outcome({ taskId }: Readonly<{ taskId: string }>) {
  const query = useTask(taskId);
  const run = useLiveRuns().get(taskId);
  return (
    <Loaded query={query} what="Asking how far it is">
      {(task) => {
        if (task.state === 'running')
          return run === undefined ? <Waiting what="Starting" /> : <RunProgress run={run} />;
        if (task.operation !== 'verify' || task.result === null)
          return <ErrorNotice error={taskError(task.error)} />;
        return <Verified result={task.result} />;
      }}
    </Loaded>
  );
}

function Verified({ result }: Readonly<{ result: VerifyResult }>) {
  if (result.ok) {
    return (
      <Said tone="good">
        <span role="status">Nothing is damaged: {verifiedText(result)}.</span>
      </Said>
    );
  }
  return (
    <Stack gap="xs" role="status">
      {result.damaged.map(({ object, reason, backups }) => (
        <Said key={object} tone="bad">
          {object}: {reason}
          {backups.length > 0 && ` Concerned: ${backups.join(', ')}.`}
        </Said>
      ))}
    </Stack>
  );
}
