import { Checkbox, Text } from '@mantine/core';
import { useState } from 'react';
import { useCall } from '../../../client/engine.tsx';
import { FolderField, isWholePath } from '../../../ui/fields/FolderField.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { FolderFacts } from '../../places/FolderFacts.tsx';
import { StepForm } from '../StepForm.tsx';

export type WhereDraft = Readonly<{ folder: string; volumesRoot: string; startQuietly: boolean }>;

type Props = Readonly<{
  backupId: string;
  /** As it was chosen before; undefined at first. */
  chosen: WhereDraft | undefined;
  onBack: () => void;
  onNext: (where: WhereDraft) => void;
}>;

/** An empty folder for the server; its own, where it was, is offered. Nothing is made yet. */
export function RestoreWhere({ backupId, chosen, ...props }: Props) {
  const details = useCall('backups.show', { backupId });
  return (
    <Loaded query={details} what="Reading the backup">
      {({ install }) => {
        const folder = install['folder'];
        const usual = typeof folder === 'string' ? folder : '/opt/trinity';
        return <Where {...props} first={chosen ?? { folder: usual, volumesRoot: '', startQuietly: true }} />;
      }}
    </Loaded>
  );
}

function Where({
  first,
  onBack,
  onNext,
}: Pick<Props, 'onBack' | 'onNext'> & Readonly<{ first: WhereDraft }>) {
  const [where, setWhere] = useState(first);
  const { folder, volumesRoot } = where;
  return (
    <StepForm
      title="Where does it go?"
      about="A whole server is built in this folder and checked. Nothing else is touched, and nothing at all before you have seen the plan."
      action="Show the plan"
      isReady={isWholePath(folder) && (volumesRoot === '' || isWholePath(volumesRoot))}
      onSubmit={() => onNext(where)}
      onBack={onBack}
    >
      <WhereFields where={where} onChange={setWhere} />
    </StepForm>
  );
}

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
        label="Start quietly: schedules and waiting runs stay off until you turn them on"
        checked={where.startQuietly}
        onChange={({ currentTarget }) => onChange({ ...where, startQuietly: currentTarget.checked })}
      />
      <Text c="var(--page-quiet)" maw={640}>
        Make sure that the old server does not run any more: two of them would do everything twice.
      </Text>
    </>
  );
}
