import { Button, Group, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { countOf, countText, sizeText } from '../../../../shared/lib/size-text.ts';
import { sourceWords } from '../../../../shared/lib/restore-plan/sentence.ts';
import { useCall } from '../../../client/engine.tsx';
import { Empty } from '../../../ui/frame/Empty.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { Moment } from '../../../ui/text/Moment.tsx';
import { PathText } from '../../../ui/text/PathText.tsx';
import { VirtualRows } from '../../../ui/lists/VirtualRows.tsx';
import type { ChosenPath } from '../choice.ts';
import classes from '../Restore.module.css';

type Found = CallOutput<'backups.find'>['found'][number];

/** Looks for a name in every backup. */
export function FileSearch({ onChoose }: Readonly<{ onChoose: (path: ChosenPath) => void }>) {
  const [typed, setTyped] = useState('');
  const [name, setName] = useState('');
  return (
    <Stack gap="md">
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          setName(typed.trim());
        }}
      >
        <Group align="flex-end">
          <TextInput
            flex={1}
            label="Name"
            description="A part of a name, or a pattern: notes, *.md, content/*.json"
            value={typed}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          />
          <Button type="submit" disabled={typed.trim() === ''}>
            Search
          </Button>
        </Group>
      </form>
      {name !== '' && <Results name={name} onChoose={onChoose} />}
    </Stack>
  );
}

function Results({ name, onChoose }: Readonly<{ name: string; onChoose: (path: ChosenPath) => void }>) {
  const query = useCall('backups.find', { name });
  return (
    <Loaded query={query} what={`Looking for ${name} in all backups`}>
      {({ found, backups, isCut, unreadable }) =>
        found.length === 0 ? (
          <Empty title={`No backup holds ${name}`}>
            {countOf(backups, 'backup')} {backups === 1 ? 'was' : 'were'} looked through. Try a part of the
            name.
          </Empty>
        ) : (
          <Stack gap="xs">
            <Text c="var(--page-quiet)" role="status">
              {isCut ? `The first ${countText(found.length)} paths` : countOf(found.length, 'path')} in{' '}
              {countOf(backups, 'backup')}
              {unreadable.length > 0 ? `; ${countOf(unreadable.length, 'source')} could not be read` : ''}.
            </Text>
            <VirtualRows label="Paths found" count={found.length} rowHeight={52} height={360}>
              {(index) => {
                const path = found[index];
                return path === undefined ? undefined : <FoundRow found={path} onChoose={onChoose} />;
              }}
            </VirtualRows>
          </Stack>
        )
      }
    </Loaded>
  );
}

function FoundRow({ found, onChoose }: Readonly<{ found: Found; onChoose: (path: ChosenPath) => void }>) {
  const { component, volume, path, versions } = found;
  const [newest] = versions;
  const different = 1 + versions.slice(0, -1).filter(({ sameAsPrevious }) => !sameAsPrevious).length;
  return (
    <UnstyledButton className={classes['found']} onClick={() => onChoose({ component, volume, path })}>
      <PathText path={path} size="sm" />
      <Text size="xs" c="var(--page-quiet)" truncate="end" component="span">
        {sourceWords(volume === '' ? component : `${component}/${volume}`)} ·{' '}
        {newest === undefined || newest.kind === 'folder' ? 'folder' : sizeText(newest.size)} ·{' '}
        {countOf(different, 'version')}
        {newest === undefined ? '' : ' · last '}
        {newest !== undefined && <Moment at={newest.timestamp} />}
      </Text>
    </UnstyledButton>
  );
}
