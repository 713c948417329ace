import { Checkbox, Text } from '@mantine/core';
import { useState } from 'react';
import { useAction, useCall } from '../../client/engine.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { FolderField, isWholePath } from '../../ui/FolderField.tsx';
import { Loaded } from '../../ui/Loaded.tsx';
import { Moment } from '../../ui/Moment.tsx';
import { FolderFacts } from '../places/FolderFacts.tsx';
import type { Listed } from './RestoreDoor.tsx';
import { StepForm } from './StepForm.tsx';

type Props = Readonly<{
  backup: Listed;
  onBack: () => void;
  onStarted: (folder: string, taskId: string) => void;
}>;

/** An empty folder for the server; its own, where it was, is offered. */
export function RestoreWhere({ backup, ...props }: Props) {
  const details = useCall('backups.show', { backupId: backup.backupId });
  return (
    <Loaded query={details} what="Reading the backup">
      {({ install }) => {
        const folder = install['folder'];
        return (
          <Where {...props} backup={backup} usual={typeof folder === 'string' ? folder : '/opt/trinity'} />
        );
      }}
    </Loaded>
  );
}

function Where({ backup, usual, onBack, onStarted }: Props & Readonly<{ usual: string }>) {
  const [where, setWhere] = useState<WhereDraft>({ folder: usual, volumesRoot: '', startQuietly: true });
  const { folder, volumesRoot, startQuietly } = where;
  const start = useAction('restore.start');
  const isReady = isWholePath(folder) && (volumesRoot === '' || isWholePath(volumesRoot));
  const restore = (): void =>
    start.mutate(
      {
        backupId: backup.backupId,
        destination: { way: 'new-install', folder, ...(volumesRoot === '' ? {} : { volumesRoot }) },
        safetyBackup: false,
        startQuietly,
      },
      { onSuccess: ({ taskId }) => onStarted(folder, taskId) },
    );
  return (
    <StepForm
      title="Where does it go?"
      about="A whole server is built in this folder, checked, and put there in one step. Nothing else is touched."
      action={
        <>
          Restore the server from&nbsp;
          <Moment at={backup.timestamp} />
        </>
      }
      isReady={isReady}
      isBusy={start.isPending}
      onSubmit={restore}
      onBack={onBack}
    >
      <WhereFields where={where} onChange={setWhere} />
      {start.error !== null && <ErrorNotice error={start.error} />}
    </StepForm>
  );
}

type WhereDraft = Readonly<{ folder: string; volumesRoot: string; startQuietly: boolean }>;

function WhereFields({
  where,
  onChange,
}: Readonly<{ where: WhereDraft; onChange: (where: WhereDraft) => void }>) {
  return (
    <>
      <FolderField
        label="Folder for Trinity"
        description="An empty or new folder"
        value={where.folder}
        onChange={(folder) => onChange({ ...where, folder })}
      />
      <FolderFacts folder={where.folder} />
      <FolderField
        label="Folder for Docker’s volumes (only where Docker does not run here)"
        description="Left empty: Docker’s own volumes, or the folder “volumes” below the one above"
        value={where.volumesRoot}
        onChange={(volumesRoot) => onChange({ ...where, volumesRoot })}
      />
      <Checkbox
        label="Start quietly: schedules and queued runs stay off until you turn them on"
        checked={where.startQuietly}
        onChange={({ currentTarget }) => onChange({ ...where, startQuietly: currentTarget.checked })}
      />
      <Text c="var(--page-quiet)" maw={640}>
        Make sure that the old server does not run any more: two of them would do everything twice.
      </Text>
    </>
  );
}
