import { Button, Group, Stack, Text } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { countOf, sizeText } from '../../../../shared/lib/size-text.ts';
import { useAction, useLiveRuns, useTask } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { RunProgress } from '../../../ui/tasks/RunProgress.tsx';
import { Said } from '../../../ui/state/Said.tsx';
import { Section } from '../../../ui/frame/Section.tsx';
import { StateShape } from '../../../ui/state/StateShape.tsx';
import { taskError } from '../../../ui/tasks/task-error.ts';
import { Waiting } from '../../../ui/frame/Waiting.tsx';
import classes from '../FirstRun.module.css';

type Task = CallOutput<'tasks.get'>;
type Proof = NonNullable<Extract<Task, { operation: 'prove' }>['result']>;
type Props = Readonly<{ backupId: string; onDone: () => void }>;

/** What was backed up is restored to a scratch place and compared, at once. */
export function ProofPart({ backupId, onDone }: Props) {
  const start = useAction('prove.start');
  const isBegun = useRef(false);
  const { mutate } = start;
  useEffect(() => {
    if (isBegun.current) return;
    isBegun.current = true;
    mutate({ backupId });
  }, [backupId, mutate]);
  return (
    <Section
      title="The proof"
      isStep
      about="The database and files are restored to a scratch place, compared, and thrown away."
    >
      <Stack gap="lg">
        {start.error !== null && <ErrorNotice error={start.error} onRetry={() => mutate({ backupId })} />}
        {start.data !== undefined && (
          <Outcome key={start.data.taskId} taskId={start.data.taskId} onAgain={() => mutate({ backupId })} />
        )}
        <Group>
          <Button onClick={onDone}>Open the overview</Button>
        </Group>
      </Stack>
    </Section>
  );
}

function Outcome({ taskId, onAgain }: Readonly<{ taskId: string; onAgain: () => void }>) {
  const query = useTask(taskId);
  const run = [...useLiveRuns().values()].find(({ what }) => what === 'drill');
  return (
    <Loaded query={query} what="Restoring to a scratch place">
      {(task) => {
        if (task.state === 'failed') return <ErrorNotice error={taskError(task.error)} onRetry={onAgain} />;
        if (task.operation === 'prove' && task.result !== null) return <Proven proof={task.result} />;
        return run === undefined ? (
          <Waiting what="Restoring to a scratch place" />
        ) : (
          <RunProgress run={run} />
        );
      }}
    </Loaded>
  );
}

function Proven({ proof }: Readonly<{ proof: Proof }>) {
  const { ok, words, file, proven, restoredBytes, failed } = proof;
  return (
    <Stack gap="sm">
      <Group gap="md" wrap="nowrap" align="flex-start">
        <StateShape shape={ok ? 'check' : 'cross'} severity={ok ? 'good' : 'bad'} size={36} />
        <Text className={classes['sentence']} role="status">
          {words}
        </Text>
      </Group>
      <Said tone="good">
        {countOf(proven.length, 'part')}, {sizeText(restoredBytes)} restored and checked
        {proven.includes('persistence') ? ', the database among them' : ''}.
      </Said>
      {file !== null && ok && (
        <Said tone="good">
          {file.path} came back byte for byte ({sizeText(file.bytes)}).
        </Said>
      )}
      {failed.map(({ source, message }) => (
        <Said key={source} tone="bad">
          {source}: {message}
        </Said>
      ))}
    </Stack>
  );
}
