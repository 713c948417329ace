import { Button, Group, Stack } from '@mantine/core';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { addressOf } from '../../app/routes.ts';
import { useLiveRuns, useTask } from '../../client/engine.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { Loaded } from '../../ui/Loaded.tsx';
import { RunProgress } from '../../ui/RunProgress.tsx';
import { taskError } from '../../ui/task-error.ts';
import { useRestoreFailure } from '../../ui/use-restore-failure.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import { destinationOf, restoredNameOf, type What, type Where } from './choice.ts';
import { Done } from './Done.tsx';
import { ResultHeading } from './ResultHeading.tsx';
import { Steps } from './Steps.tsx';

type Task = CallOutput<'tasks.get'>;
type Props = Readonly<{
  what: What;
  where: Where;
  taskId: string;
  onUndo: (taskId: string) => void;
  onAgain: () => void;
}>;

/** How far the restore is, and then what became of it. */
export function ResultStep({ what, where, taskId, onUndo, onAgain }: Props) {
  const query = useTask(taskId);
  return (
    <Loaded query={query} what="Asking how far it is">
      {(task) => (
        <Stack gap="lg">
          {task.state === 'running' && <Running name={restoredNameOf(what, where)} />}
          <Steps task={task} way={destinationOf(where).way} />
          {task.state === 'failed' && <Failed task={task} />}
          {task.operation === 'restore' && task.result !== null && (
            <Done what={what} where={where} task={task} result={task.result} onUndo={onUndo} />
          )}
          {task.state !== 'running' && (
            <Group>
              <Button variant="default" onClick={onAgain}>
                Restore something else
              </Button>
              <Button variant="subtle" component="a" href={addressOf('overview')}>
                Overview
              </Button>
            </Group>
          )}
        </Stack>
      )}
    </Loaded>
  );
}

function Running({ name }: Readonly<{ name: string }>) {
  const runs = [...useLiveRuns().values()].filter(
    ({ what: kind }) => kind === 'restore' || kind === 'backup',
  );
  return (
    <>
      <ResultHeading>{`Restoring ${name}`}</ResultHeading>
      {runs.length === 0 && <Waiting what="Starting" />}
      {runs.map((run) => (
        <RunProgress key={run.runId} run={run} />
      ))}
    </>
  );
}

function Failed({ task }: Readonly<{ task: Task }>) {
  const error = taskError(task.error);
  const text = useRestoreFailure(error);
  return (
    <Stack gap="sm">
      <ResultHeading>{text}</ResultHeading>
      <ErrorNotice error={error} />
    </Stack>
  );
}
