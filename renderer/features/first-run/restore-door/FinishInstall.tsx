import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { countOf } from '../../../../shared/lib/size-text.ts';
import { useAction, useLiveRuns, useTask } from '../../../client/engine.tsx';
import { CommandLine } from '../../../ui/text/CommandLine.tsx';
import { ConfirmButton } from '../../../ui/fields/ConfirmButton.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { RunProgress } from '../../../ui/tasks/RunProgress.tsx';
import { Said } from '../../../ui/state/Said.tsx';
import { taskError } from '../../../ui/tasks/task-error.ts';
import { Waiting } from '../../../ui/frame/Waiting.tsx';
import { Warnings } from '../../../ui/state/Warnings.tsx';

type Task = CallOutput<'tasks.get'>;
type Finish = Extract<Task, { operation: 'finish' }>;

/** Has done what is left of a restored server and can be done by now, and says what is to be done before the rest can. */
export function FinishInstall() {
  const [taskId, setTaskId] = useState<string>();
  const start = useAction('restore.finish');
  const query = useTask(taskId);
  const task = query.data?.operation === 'finish' ? query.data : undefined;
  const error = start.error ?? query.error;
  const begin = (confirm: boolean): void =>
    start.mutate({ confirm }, { onSuccess: (begun) => setTaskId(begun.taskId) });
  const isOn = taskId !== undefined && error === null && (task === undefined || task.state === 'running');
  const isDone = task?.state === 'succeeded' && (task.result === null || task.result.isDone);
  return (
    <Stack gap="md">
      {isOn && <Running />}
      {task?.state === 'failed' && <Failed task={task} onReplace={() => begin(true)} />}
      {task?.state === 'succeeded' && <Outcome result={task.result} />}
      {error !== null && <ErrorNotice error={error} />}
      {!isOn && !isDone && (
        <Group>
          <Button loading={start.isPending} onClick={() => begin(false)}>
            {taskId === undefined ? 'Finish' : 'Finish again'}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Running() {
  const run = [...useLiveRuns().values()].find(({ what }) => what === 'restore');
  return run === undefined ? <Waiting what="Looking what can be done" /> : <RunProgress run={run} />;
}

function Failed({ task, onReplace }: Readonly<{ task: Finish; onReplace: () => void }>) {
  const error = taskError(task.error);
  return (
    <Stack gap="sm" align="flex-start">
      <ErrorNotice error={error} />
      {error.details['holdsTables'] === true && (
        <ConfirmButton label="Replace the database" title="Replace the database?" onConfirm={onReplace}>
          What is in it now is backed up first, and gives way to the database of the backup.
        </ConfirmButton>
      )}
    </Stack>
  );
}

function Outcome({ result }: Readonly<{ result: Finish['result'] }>) {
  if (result === null || result.isDone) return <Finished result={result} />;
  const { waitsFor } = result;
  return (
    <Stack gap="sm">
      <DoneSoFar result={result} />
      {waitsFor !== null && (
        <Stack gap="xs">
          <Text role="status">{waitsFor.why}</Text>
          {waitsFor.command !== null && (
            <CommandLine command={waitsFor.command} label="The command that comes next" />
          )}
        </Stack>
      )}
    </Stack>
  );
}

function Finished({ result }: Readonly<{ result: Finish['result'] }>) {
  return (
    <Stack gap="sm">
      {result !== null && <DoneSoFar result={result} />}
      <Said tone="good">
        <span role="status">Nothing is left to do.</span>
      </Said>
    </Stack>
  );
}

function DoneSoFar({ result }: Readonly<{ result: NonNullable<Finish['result']> }>) {
  const { database, started, warnings, notes } = result;
  return (
    <>
      {database === 'loaded' && <Said tone="good">The database is restored and checked.</Said>}
      {started.length > 0 && (
        <Said tone="good">
          {countOf(started.length, 'agent')} {started.length === 1 ? 'runs' : 'run'}: {started.join(', ')}.
        </Said>
      )}
      <Warnings warnings={warnings} />
      {notes.map(({ message }) => (
        <Text key={message} c="var(--page-quiet)">
          {message}
        </Text>
      ))}
    </>
  );
}
