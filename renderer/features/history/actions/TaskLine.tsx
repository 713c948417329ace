import { Button, Group, Stack, Text } from '@mantine/core';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { assertNever } from '../../../../shared/lib/assert-never.ts';
import { countOf, sizeText } from '../../../../shared/lib/size-text.ts';
import { verifiedText } from '../../../../shared/lib/verified-text.ts';
import { useAction, useTask } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { OpenFolder } from '../../../ui/files/OpenFolder.tsx';
import { StateShape } from '../../../ui/state/StateShape.tsx';
import { taskError } from '../../../ui/tasks/task-error.ts';

type Task = CallOutput<'tasks.get'>;

/** Long work that was begun here: how far it is, then what became of it. */
export function TaskLine({ taskId }: Readonly<{ taskId: string }>) {
  const query = useTask(taskId);
  const cancel = useAction('tasks.cancel');
  return (
    <Loaded query={query} what="Asking how far it is">
      {(task) => {
        if (task.state === 'running') {
          return (
            <Group justify="space-between" role="status" wrap="nowrap">
              <Text>{runningText(task)}</Text>
              <Button
                size="xs"
                variant="default"
                loading={cancel.isPending}
                onClick={() => cancel.mutate({ taskId })}
              >
                Cancel
              </Button>
            </Group>
          );
        }
        if (task.error !== null) return <ErrorNotice error={taskError(task.error)} />;
        return (
          <>
            <TaskResult task={task} />
            {task.operation === 'export' && task.result !== null && (
              <Group>
                <OpenFolder folder={folderOf(task.result.output)} size="xs" />
              </Group>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/')) || '/';
}

function TaskResult({ task }: Readonly<{ task: Task }>) {
  const { isGood, lines } = resultOf(task);
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start" role="status">
      <StateShape shape={isGood ? 'check' : 'cross'} severity={isGood ? 'good' : 'bad'} />
      <Stack gap={2} flex={1} miw={0}>
        {lines.map((line) => (
          <Text key={line}>{line}</Text>
        ))}
      </Stack>
    </Group>
  );
}

const runningWords: Readonly<Record<Task['operation'], string>> = {
  backup: 'Backing up',
  restore: 'Restoring',
  restorePlan: 'Planning a restore',
  finish: 'Finishing a new install',
  verify: 'Verifying',
  drill: 'Rehearsing a restore',
  prove: 'Proving a backup',
  export: 'Exporting',
  copiesRun: 'Copying',
};

function runningText({ operation, progress }: Task): string {
  if (progress === null) return runningWords[operation];
  const { done, total, unit } = progress;
  const amount = (value: number): string => (unit === 'files' ? countOf(value, 'file') : sizeText(value));
  const far = total === undefined ? amount(done) : `${amount(done)} of ${amount(total)}`;
  return `${runningWords[operation]}: ${far}`;
}

type Result = Readonly<{ isGood: boolean; lines: readonly string[] }>;

function resultOf(task: Task): Result {
  switch (task.operation) {
    case 'verify':
      return task.result === null ? done : verifyResult(task.result);
    case 'drill':
      return task.result === null ? done : drillResult(task.result);
    case 'export': {
      if (task.result === null) return done;
      const { output, files, archiveBytes, warnings } = task.result;
      const written = `${output} is written: ${countOf(files, 'file')}, ${sizeText(archiveBytes)}.`;
      return { isGood: warnings.length === 0, lines: [written, ...warnings.map(({ message }) => message)] };
    }
    case 'prove':
      return task.result === null ? done : { isGood: task.result.ok, lines: [task.result.words] };
    case 'finish':
      return finishResult(task.result);
    case 'backup':
    case 'restore':
    case 'restorePlan':
    case 'copiesRun':
      return done;
    default:
      return assertNever(task);
  }
}

const done: Result = { isGood: true, lines: ['Done.'] };

function finishResult(result: Extract<Task, { operation: 'finish' }>['result']): Result {
  if (result === null) return { isGood: true, lines: ['Nothing is left to do.'] };
  const { database, started, nextStep, isDone, warnings } = result;
  const lines = [
    ...(database === 'loaded' ? ['The database is restored and checked.'] : []),
    ...(started.length === 0
      ? []
      : [`${countOf(started.length, 'agent runs', 'agents run')}: ${started.join(', ')}.`]),
    ...(nextStep === null ? [] : [nextStep]),
    ...warnings.map(({ message }) => message),
  ];
  return { isGood: isDone, lines: lines.length === 0 ? ['Nothing is left to do.'] : lines };
}

function verifyResult(result: NonNullable<Extract<Task, { operation: 'verify' }>['result']>): Result {
  const { ok, damaged } = result;
  if (ok) return { isGood: true, lines: [`Nothing is damaged: ${verifiedText(result)}.`] };
  const reasons = [...new Set(damaged.map(({ reason }) => reason))];
  return {
    isGood: false,
    lines: [`${countOf(damaged.length, 'object is', 'objects are')} damaged.`, ...reasons],
  };
}

function drillResult({
  ok,
  proven,
  failed,
  skipped,
}: NonNullable<Extract<Task, { operation: 'drill' }>['result']>): Result {
  const notProven = [...failed, ...skipped].map(({ source, message }) => `${source}: ${message}`);
  return { isGood: ok, lines: [`${countOf(proven.length, 'source')} proven to restore.`, ...notProven] };
}
