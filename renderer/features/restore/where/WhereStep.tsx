import { Button, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { FolderField, isWholePath } from '../../../ui/fields/FolderField.tsx';
import { StepHeading } from '../../../ui/frame/StepHeading.tsx';
import type { What, Where } from '../choice.ts';
import { OptionRow } from '../OptionRow.tsx';
import { OtherName } from './OtherName.tsx';
import classes from '../Restore.module.css';

/** Where it goes: in place of what is live, or beside it as plain files or as an agent of another name. */
export function WhereStep({
  what,
  where,
  onChoose,
}: Readonly<{ what: What; where: Where; onChoose: (where: Where) => void }>) {
  return (
    <Stack gap="md">
      <StepHeading takesFocus>Where does it go?</StepHeading>
      <OptionRow title="Back where it was" onChoose={() => onChoose({ kind: 'back' })}>
        What is there now is backed up first, so that this can be undone
      </OptionRow>
      <IntoFolder
        before={where.kind === 'folder' ? where.folder : ''}
        onChoose={(folder) => onChoose({ kind: 'folder', folder })}
      />
      {what.kind === 'agent' && (
        <OtherName
          agent={what.agent}
          before={where.kind === 'name' ? where.name : ''}
          onChoose={(name) => onChoose({ kind: 'name', name })}
        />
      )}
    </Stack>
  );
}

function IntoFolder({ before, onChoose }: Readonly<{ before: string; onChoose: (folder: string) => void }>) {
  const [folder, setFolder] = useState(before);
  const isWhole = isWholePath(folder);
  return (
    <form
      className={classes['way']}
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole) onChoose(folder);
      }}
    >
      <Stack gap="xs">
        <FolderField
          label="Into a folder"
          description="A new or empty folder of this server: plain files, for you alone. Trinity is not touched."
          placeholder="/root/restored"
          value={folder}
          onChange={setFolder}
        />
        <Group>
          <Button type="submit" variant="default" disabled={!isWhole}>
            Use this folder
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
