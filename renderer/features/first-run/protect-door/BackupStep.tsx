import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { countOf, sizeText } from '../../../../shared/lib/size-text.ts';
import { durationText } from '../../../../shared/lib/time-text.ts';
import { useAction, useCall, useLiveRuns, useTask } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { RunProgress } from '../../../ui/tasks/RunProgress.tsx';
import { Said } from '../../../ui/state/Said.tsx';
import { Section } from '../../../ui/frame/Section.tsx';
import { taskError } from '../../../ui/tasks/task-error.ts';
import { Waiting } from '../../../ui/frame/Waiting.tsx';
import { ProofPart } from './ProofPart.tsx';

type Backup = CallOutput<'backups.list'>['backups'][number];

/** The first backup of this install, whoever began it, and then its proof. */
export function BackupStep({ onDone }: Readonly<{ onDone: () => void }>) {
  const home = useCall('home.get', {});
  const backups = useCall('backups.list', { limit: 100 });
  return (
    <Loaded query={home} what="Looking what is set up">
      {({ installId }) => (
        <Loaded query={backups} what="Looking for backups">
          {(listed) => {
            const made = listed.backups.find((backup) => backup.installId === installId);
            return (
              <Stack gap="lg">
                {made === undefined ? <FirstBackup /> : <Made backup={made} />}
                {made !== undefined && <ProofPart backupId={made.backupId} onDone={onDone} />}
              </Stack>
            );
          }}
        </Loaded>
      )}
    </Loaded>
  );
}

function Made({ backup }: Readonly<{ backup: Backup }>) {
  return (
    <Section title="The first backup">
      <Stack gap="xs">
        <Said tone={backup.incomplete ? 'attention' : 'good'}>
          {backup.incomplete ? 'Made, but something is missing in it: ' : 'Made: '}
          {countOf(backup.files, 'file')}, {sizeText(backup.bytes)}, stored as {sizeText(backup.bytesStored)}{' '}
          in {durationText(backup.durationMs)}.
        </Said>
        {backup.warningCount > 0 && (
          <Said tone="attention">
            {countOf(backup.warningCount, 'warning')}: the history tells what was left out, and why.
          </Said>
        )}
      </Stack>
    </Section>
  );
}

function FirstBackup() {
  const [taskId, setTaskId] = useState<string>();
  const start = useAction('backup.start');
  const live = [...useLiveRuns().values()].find(({ what }) => what === 'backup');
  const begin = (): void => {
    // Why another try was refused is shown in the place of the one before.
    setTaskId(undefined);
    start.mutate({}, { onSuccess: (begun) => setTaskId(begun.taskId) });
  };
  return (
    <Section
      title="The first backup"
      about="It reads everything once; later ones only what has changed."
      isStep
    >
      {live !== undefined && <RunProgress run={live} />}
      {live === undefined && taskId === undefined && (
        <Stack gap="md">
          {start.error !== null && <ErrorNotice error={start.error} />}
          <Group>
            <Button loading={start.isPending} onClick={begin}>
              Back up now
            </Button>
          </Group>
        </Stack>
      )}
      {live === undefined && taskId !== undefined && <Ended key={taskId} taskId={taskId} onAgain={begin} />}
    </Section>
  );
}

/** A task that began and is no run any more, or not yet. One that went well shows in the list of backups. */
function Ended({ taskId, onAgain }: Readonly<{ taskId: string; onAgain: () => void }>) {
  const task = useTask(taskId);
  return (
    <Loaded query={task} what="Asking how far it is">
      {({ state, error }) =>
        state === 'failed' ? (
          <Stack gap="md">
            <ErrorNotice error={taskError(error)} />
            <Text c="var(--page-quiet)">
              Nothing of it is listed; what was stored already is not sent again.
            </Text>
            <Group>
              <Button onClick={onAgain}>Back up now</Button>
            </Group>
          </Stack>
        ) : (
          <Waiting what="Looking at the backup" />
        )
      }
    </Loaded>
  );
}
