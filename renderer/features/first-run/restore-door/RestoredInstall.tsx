import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import type { AppError } from '../../../../shared/lib/app-error.ts';
import { countOf } from '../../../../shared/lib/size-text.ts';
import { addressOf } from '../../../app/routes.ts';
import { useCall, useLiveRuns, useTask } from '../../../client/engine.tsx';
import { CommandLine } from '../../../ui/text/CommandLine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { OpenFolder } from '../../../ui/files/OpenFolder.tsx';
import { RunProgress } from '../../../ui/tasks/RunProgress.tsx';
import { Said } from '../../../ui/state/Said.tsx';
import { Section } from '../../../ui/frame/Section.tsx';
import { StateShape } from '../../../ui/state/StateShape.tsx';
import { taskError } from '../../../ui/tasks/task-error.ts';
import { useRestoreFailure } from '../../../ui/tasks/use-restore-failure.ts';
import { Waiting } from '../../../ui/frame/Waiting.tsx';
import { codeCommand } from './code-command.ts';
import { LeftToDo } from './LeftToDo.tsx';
import classes from '../FirstRun.module.css';

type Props = Readonly<{ backupId: string; folder: string; taskId: string; onAgain: () => void }>;

/** How far it is, and then what is left to do by hand. */
export function RestoredInstall({ backupId, folder, taskId, onAgain }: Props) {
  const query = useTask(taskId);
  const run = [...useLiveRuns().values()].find(({ what }) => what === 'restore');
  return (
    <Section title={titles[query.data?.state ?? 'running']} isStep>
      <Loaded query={query} what="Asking how far it is">
        {(task) => {
          if (task.state === 'failed') return <Failed error={taskError(task.error)} onAgain={onAgain} />;
          if (task.operation === 'restore' && task.result !== null)
            return <Restored backupId={backupId} folder={folder} result={task.result} />;
          return run === undefined ? <Waiting what="Starting" /> : <RunProgress run={run} />;
        }}
      </Loaded>
    </Section>
  );
}

const titles = {
  running: 'Restoring the server',
  failed: 'The server is not restored',
  succeeded: 'The server is restored',
} as const;

function Failed({ error, onAgain }: Readonly<{ error: AppError; onAgain: () => void }>) {
  const text = useRestoreFailure(error);
  return (
    <Stack gap="md">
      <Said tone="bad">
        <span role="status">{text}</span>
      </Said>
      <ErrorNotice error={error} />
      <Group>
        <Button onClick={onAgain}>Choose another place</Button>
      </Group>
    </Stack>
  );
}

type Finding = Readonly<{ code: string; message: string }>;
type RestoredProps = Pick<Props, 'backupId' | 'folder'> &
  Readonly<{
    result: Readonly<{
      restored: readonly string[];
      warnings: readonly Finding[];
      notes: readonly Finding[];
    }>;
  }>;

function Restored({ backupId, folder, result }: RestoredProps) {
  const details = useCall('backups.show', { backupId });
  const isLeft = useIsLeft();
  const { restored, warnings, notes } = result;
  return (
    <Stack gap="md">
      <Group gap="md" wrap="nowrap" align="flex-start">
        <StateShape shape="check" severity="good" size={36} />
        <Text className={classes['sentence']} role="status">
          Restored and checked: {countOf(restored.length, 'part')}.
        </Text>
      </Group>
      {warnings
        .filter(({ code }) => !isLeft || code !== databaseNotYet)
        .map(({ message }) => (
          <Said key={message} tone="attention">
            {message}
          </Said>
        ))}
      {!isLeft && notes.some(({ code }) => code === 'next-step') && (
        <Title order={3}>What is left to do</Title>
      )}
      {details.data !== undefined &&
        (isLeft ? (
          <LeftToDo
            backup={details.data}
            folder={folder}
            isDatabaseLeft={warnings.some(({ code }) => code === databaseNotYet)}
          />
        ) : (
          <CodeOf backup={details.data} folder={folder} />
        ))}
      {notes
        .filter(({ code }) => !isLeft || code !== 'next-step')
        .map(({ message }) => (
          <Text key={message}>{message}</Text>
        ))}
      <Text>From now on this server is backed up into the vault that you have opened.</Text>
      <Group>
        <Button component="a" variant={isLeft ? 'default' : 'filled'} href={addressOf('overview')}>
          Open the overview
        </Button>
        <OpenFolder folder={folder} />
      </Group>
    </Stack>
  );
}

/** The code of a warning: the dump waits for its server. */
const databaseNotYet = 'database-not-yet';

/** Whether there was something left to finish: what became of it is shown when there is not any more, too. */
function useIsLeft(): boolean {
  const { data } = useCall('status.get', {});
  const [wasLeft, setWasLeft] = useState(false);
  const isLeft = data?.causes.some(({ key }) => key === 'finish') === true;
  if (isLeft && !wasLeft) setWasLeft(true);
  return isLeft || wasLeft;
}

function CodeOf({ backup, folder }: Readonly<{ backup: CallOutput<'backups.show'>; folder: string }>) {
  const command = codeCommand(backup, folder);
  if (command === undefined) return undefined;
  return (
    <Stack gap="xs">
      <Text>
        Bring Trinity&rsquo;s own code to the version of the backup; nothing that was restored is overwritten:
      </Text>
      <CommandLine command={command} label="The command that brings the code of Trinity" />
    </Stack>
  );
}
