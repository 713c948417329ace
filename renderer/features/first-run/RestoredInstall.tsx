import { Button, Group, Stack, Text } from '@mantine/core';
import type { AppError } from '../../../shared/lib/app-error.ts';
import { countOf } from '../../../shared/lib/size-text.ts';
import { addressOf } from '../../app/routes.ts';
import { useCall, useLiveRuns, useTask } from '../../client/engine.tsx';
import { CommandLine } from '../../ui/CommandLine.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { Loaded } from '../../ui/Loaded.tsx';
import { RunProgress } from '../../ui/RunProgress.tsx';
import { Said } from '../../ui/Said.tsx';
import { Section } from '../../ui/Section.tsx';
import { StateShape } from '../../ui/StateShape.tsx';
import { taskError } from '../../ui/task-error.ts';
import { useRestoreFailure } from '../../ui/use-restore-failure.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import { codeCommand } from './code-command.ts';
import classes from './FirstRun.module.css';
import type { Listed } from './RestoreDoor.tsx';

type Props = Readonly<{ backup: Listed; folder: string; taskId: string; onAgain: () => void }>;

/** How far it is, and then what is left to do by hand. */
export function RestoredInstall({ backup, folder, taskId, onAgain }: Props) {
  const query = useTask(taskId);
  const run = [...useLiveRuns().values()].find(({ what }) => what === 'restore');
  return (
    <Section title="Restoring the server">
      <Loaded query={query} what="Asking how far it is">
        {(task) => {
          if (task.state === 'failed') return <Failed error={taskError(task.error)} onAgain={onAgain} />;
          if (task.operation === 'restore' && task.result !== null)
            return <Restored backup={backup} folder={folder} result={task.result} />;
          return run === undefined ? <Waiting what="Starting" /> : <RunProgress run={run} />;
        }}
      </Loaded>
    </Section>
  );
}

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

function Restored({
  backup,
  folder,
  result,
}: Readonly<{
  backup: Listed;
  folder: string;
  result: Readonly<{ restored: readonly string[]; warnings: readonly Finding[]; notes: readonly Finding[] }>;
}>) {
  const details = useCall('backups.show', { backupId: backup.backupId });
  const command = details.data === undefined ? undefined : codeCommand(details.data, folder);
  return (
    <Stack gap="md">
      <Group gap="md" wrap="nowrap" align="flex-start">
        <StateShape shape="check" severity="good" size={36} />
        <Text className={classes['sentence']} role="status">
          Restored and checked: {countOf(result.restored.length, 'source')}.
        </Text>
      </Group>
      {result.warnings.map(({ message }) => (
        <Said key={message} tone="attention">
          {message}
        </Said>
      ))}
      {command !== undefined && (
        <Stack gap="xs">
          <Text>
            Bring Trinity&rsquo;s own code to the version of the backup; nothing that was restored is
            overwritten:
          </Text>
          <CommandLine command={command} label="The command that brings the code of Trinity" />
        </Stack>
      )}
      {result.notes.map(({ message }) => (
        <Text key={message}>{message}</Text>
      ))}
      <Text>From now on this server is backed up into the vault that you have opened.</Text>
      <Group>
        <Button component="a" href={addressOf('overview')}>
          Open the overview
        </Button>
      </Group>
    </Stack>
  );
}
