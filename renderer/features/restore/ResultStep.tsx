import { Button, Group, Stack, Text } from '@mantine/core';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { countOf } from '../../../shared/lib/size-text.ts';
import { durationText } from '../../../shared/lib/time-text.ts';
import { useAction, useCall, useLiveRuns, useTask } from '../../client/engine.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { Loaded } from '../../ui/Loaded.tsx';
import { RunProgress } from '../../ui/RunProgress.tsx';
import { StateShape } from '../../ui/StateShape.tsx';
import { Waiting } from '../../ui/Waiting.tsx';
import { nameOf, type What, type Where } from './choice.ts';

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
  const cancel = useAction('tasks.cancel');
  const runs = [...useLiveRuns().values()].filter(
    ({ what: kind }) => kind === 'restore' || kind === 'backup',
  );
  return (
    <Loaded query={query} what="Asking how far it is">
      {(task) => (
        <Stack gap="lg">
          {task.state === 'running' && (
            <>
              {runs.length === 0 && <Waiting what="Starting" />}
              {runs.map((run) => (
                <RunProgress key={run.runId} run={run} />
              ))}
              <Group>
                <Button
                  variant="default"
                  loading={cancel.isPending}
                  onClick={() => cancel.mutate({ taskId })}
                >
                  Cancel
                </Button>
              </Group>
            </>
          )}
          {task.state === 'failed' && <Failed task={task} where={where} />}
          {task.operation === 'restore' && task.result !== null && (
            <Done what={what} task={task} result={task.result} onUndo={onUndo} />
          )}
          {task.state !== 'running' && (
            <Group>
              <Button variant="default" onClick={onAgain}>
                Restore something else
              </Button>
            </Group>
          )}
        </Stack>
      )}
    </Loaded>
  );
}

function Failed({ task, where }: Readonly<{ task: Task; where: Where }>) {
  const status = useCall('status.get', {});
  const { kind = 'failed', message = 'It ended without saying why.' } = task.error ?? {};
  return (
    <Stack gap="sm">
      <Text size="xl" fw={600} role="status">
        {failureText(where, status.data?.state === 'recovering')}
      </Text>
      <ErrorNotice error={new AppError(kind, message)} />
    </Stack>
  );
}

/** In place a restore is all or nothing: one that failed has put back what it had begun to change, or is about to. */
function failureText(where: Where, isRecovering: boolean): string {
  if (where.kind === 'folder') return `What lies in ${where.folder} is not whole.`;
  return isRecovering ? 'What is live is not in order yet.' : 'Nothing was changed.';
}

type RestoreResult = NonNullable<Extract<Task, { operation: 'restore' }>['result']>;

function Done({
  what,
  task,
  result,
  onUndo,
}: Readonly<{ what: What; task: Task; result: RestoreResult; onUndo: (taskId: string) => void }>) {
  const undo = useAction('restore.start');
  const { safetyBackupId } = result;
  const took = task.finishedAt === null ? 0 : Date.parse(task.finishedAt) - Date.parse(task.startedAt);
  return (
    <Stack gap="md">
      <Group gap="sm" wrap="nowrap">
        <StateShape shape="check" severity="good" size={32} />
        <Text size="xl" fw={600} role="status">
          Restored {nameOf(what)}: {countOf(result.restored.length, 'source')} checked in {durationText(took)}
          .
        </Text>
      </Group>
      {result.restartRequired && <Text>Start Trinity again: it was not running, or is not well yet.</Text>}
      {[...result.warnings, ...result.notes].map(({ message }) => (
        <Text key={message} c="var(--page-quiet)">
          {message}
        </Text>
      ))}
      {undo.error !== null && <ErrorNotice error={undo.error} />}
      {safetyBackupId !== null && (
        <Group>
          <Button
            variant="default"
            loading={undo.isPending}
            onClick={() =>
              undo.mutate(
                { backupId: safetyBackupId, destination: { way: 'in-place' }, safetyBackup: true },
                { onSuccess: ({ taskId }) => onUndo(taskId) },
              )
            }
          >
            Undo
          </Button>
        </Group>
      )}
    </Stack>
  );
}
