import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import type { AppError } from '../../../../shared/lib/app-error.ts';
import { addressOf } from '../../../app/routes.ts';
import { useLiveRuns, useTask } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { RunProgress } from '../../../ui/tasks/RunProgress.tsx';
import { taskError } from '../../../ui/tasks/task-error.ts';
import { useRestoreFailure } from '../../../ui/tasks/use-restore-failure.ts';
import { Waiting } from '../../../ui/frame/Waiting.tsx';
import { type Choice, destinationOf, restoredNameOf, type What } from '../choice.ts';
import { Done } from './Done.tsx';
import type { Earlier } from '../plan/NoPlan.tsx';
import { ResultHeading } from './ResultHeading.tsx';
import { Steps } from './Steps.tsx';
import { type Started, Undo } from './Undo.tsx';

type Task = CallOutput<'tasks.get'>;
type Props = Readonly<{
  what: What;
  choice: Choice;
  started: Started;
  onUndo: (started: Started) => void;
  onChange: (more: Partial<Choice>) => void;
  /** Back to an earlier step. */
  onGo: (step: Earlier) => void;
  onAgain: () => void;
}>;

/** How far the restore is, and then what became of it. */
export function ResultStep({ what, choice, started, onUndo, onChange, onGo, onAgain }: Props) {
  const { where, withoutSafetyBackup } = choice;
  const { taskId, undoOf } = started;
  const query = useTask(taskId);
  const name = restoredNameOf(what, where);
  return (
    <Loaded query={query} what="Asking how far it is">
      {(task) => (
        <Stack gap="lg">
          {task.state === 'running' && (
            <Running doing={undoOf === undefined ? `Restoring ${name}` : `Undoing the restore of ${name}`} />
          )}
          <Steps
            task={task}
            way={destinationOf(where).way}
            hasSafetyBackup={undoOf !== undefined || !withoutSafetyBackup}
          />
          {task.state === 'failed' && (
            <Failed task={task}>
              {undoOf === undefined ? (
                <WaysOut
                  error={taskError(task.error)}
                  isBack={where.kind === 'back'}
                  onChange={onChange}
                  onGo={onGo}
                />
              ) : (
                <Undo safetyBackupId={undoOf} label="Try the undo again" onUndo={onUndo} />
              )}
            </Failed>
          )}
          {task.operation === 'restore' && task.result !== null && (
            <Done {...{ what, where, task, onUndo }} result={task.result} isUndo={undoOf !== undefined} />
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

function Running({ doing }: Readonly<{ doing: string }>) {
  const runs = [...useLiveRuns().values()].filter(
    ({ what: kind }) => kind === 'restore' || kind === 'backup',
  );
  return (
    <>
      <ResultHeading>{doing}</ResultHeading>
      {runs.length === 0 && <Waiting what="Starting" />}
      {runs.map((run) => (
        <RunProgress key={run.runId} run={run} />
      ))}
    </>
  );
}

/** What a failure has left as it was, its cause, and what can be done now. */
function Failed({ task, children }: Readonly<{ task: Task; children: ReactNode }>) {
  const error = taskError(task.error);
  const text = useRestoreFailure(error);
  return (
    <Stack gap="sm">
      <ResultHeading>{text}</ResultHeading>
      <ErrorNotice error={error} />
      {children}
    </Stack>
  );
}

type WaysProps = Pick<Props, 'onChange' | 'onGo'> & Readonly<{ error: AppError; isBack: boolean }>;

function WaysOut({ error, isBack, onChange, onGo }: WaysProps) {
  if (error.details['noSafetyBackup'] === true) {
    const planWithout = (): void => {
      onChange({ withoutSafetyBackup: true });
      onGo('Plan');
    };
    return (
      <Stack gap="sm">
        <Text>
          It can be restored without one: then what is there now is gone, and nothing brings it back.
        </Text>
        <Group gap="xs">
          <Button onClick={() => onGo('Plan')}>Back to the plan</Button>
          <Button variant="default" onClick={planWithout}>
            Plan it without a safety backup
          </Button>
        </Group>
      </Stack>
    );
  }
  if (error.kind !== 'damaged')
    return (
      <Group>
        <Button onClick={() => onGo('Plan')}>Back to the plan</Button>
      </Group>
    );
  return (
    <Stack gap="sm">
      {isBack && (
        <Text>
          What is whole in this backup can be written into a folder: what is damaged is left out, and named.
        </Text>
      )}
      <Group gap="xs">
        <Button onClick={() => onGo('When')}>Choose another backup</Button>
        {isBack && (
          <Button variant="default" onClick={() => onGo('Where')}>
            Write what is whole into a folder
          </Button>
        )}
      </Group>
    </Stack>
  );
}
