import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { What, Where } from '../choice.ts';
import { OptionRow } from '../OptionRow.tsx';
import { OtherName } from './OtherName.tsx';
import { StepHeading } from '../StepHeading.tsx';

/** Where it goes: in place of what is live, or beside it as plain files or as an agent of another name. */
export function WhereStep({
  what,
  where,
  onChoose,
}: Readonly<{ what: What; where: Where; onChoose: (where: Where) => void }>) {
  const [folder, setFolder] = useState(where.kind === 'folder' ? where.folder : '');
  const isWhole = folder.startsWith('/');
  return (
    <Stack gap="lg">
      <StepHeading takesFocus>Where does it go?</StepHeading>
      <OptionRow title="Back where it was" onChoose={() => onChoose({ kind: 'back' })}>
        What is there now is backed up first, so that this can be undone
      </OptionRow>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isWhole) onChoose({ kind: 'folder', folder });
        }}
      >
        <Stack gap="xs">
          <TextInput
            label="Into a folder"
            description="Plain files on this server, for their owner only. What is live stays as it is."
            placeholder="/root/restored"
            value={folder}
            error={folder !== '' && !isWhole ? 'Name the folder from the root on: /root/restored' : undefined}
            onChange={({ currentTarget }) => setFolder(currentTarget.value)}
          />
          <Group>
            <Button type="submit" variant="default" disabled={!isWhole}>
              Use this folder
            </Button>
          </Group>
        </Stack>
      </form>
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
