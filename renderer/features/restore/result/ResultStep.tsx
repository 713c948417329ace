import { Button, Group, Stack, Text } from '@mantine/core';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { addressOf } from '../../../app/routes.ts';
import { useLiveRuns, useTask } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { RunProgress } from '../../../ui/tasks/RunProgress.tsx';
import { taskError } from '../../../ui/tasks/task-error.ts';
import { useRestoreFailure } from '../../../ui/tasks/use-restore-failure.ts';
import { Waiting } from '../../../ui/frame/Waiting.tsx';
import { destinationOf, restoredNameOf, type What, type Where } from '../choice.ts';
import { Done } from './Done.tsx';
import type { Earlier } from '../plan/NoPlan.tsx';
import { ResultHeading } from './ResultHeading.tsx';
import { Steps } from './Steps.tsx';

type Task = CallOutput<'tasks.get'>;
type Props = Readonly<{
  what: What;
  where: Where;
  taskId: string;
  onUndo: (taskId: string) => void;
  /** Back to an earlier step. */
  onGo: (step: Earlier) => void;
  onAgain: () => void;
}>;

/** How far the restore is, and then what became of it. */
export function ResultStep({ what, where, taskId, onUndo, onGo, onAgain }: Props) {
  const query = useTask(taskId);
  return (
    <Loaded query={query} what="Asking how far it is">
      {(task) => (
        <Stack gap="lg">
          {task.state === 'running' && <Running name={restoredNameOf(what, where)} />}
          <Steps task={task} way={destinationOf(where).way} />
          {task.state === 'failed' && <Failed task={task} where={where} onGo={onGo} />}
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

type FailedProps = Pick<Props, 'where' | 'onGo'> & Readonly<{ task: Task }>;

function Failed({ task, where, onGo }: FailedProps) {
  const error = taskError(task.error);
  const text = useRestoreFailure(error);
  return (
    <Stack gap="sm">
      <ResultHeading>{text}</ResultHeading>
      <ErrorNotice error={error} />
      {error.kind === 'damaged' && where.kind === 'back' && (
        <Text>
          What is whole in this backup can be written into a folder: what is damaged is left out, and named.
        </Text>
      )}
      <Group gap="xs">
        {error.kind === 'damaged' ? (
          <>
            <Button onClick={() => onGo('When')}>Choose another backup</Button>
            {where.kind === 'back' && (
              <Button variant="default" onClick={() => onGo('Where')}>
                Write what is whole into a folder
              </Button>
            )}
          </>
        ) : (
          <Button onClick={() => onGo('Plan')}>Back to the plan</Button>
        )}
      </Group>
    </Stack>
  );
}
