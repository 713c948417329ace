import { Anchor, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { countOf, countText, sizeText } from '../../../../shared/lib/size-text.ts';
import { navigate } from '../../../app/navigate.ts';
import { addressOf } from '../../../app/routes.ts';
import { useCall } from '../../../client/engine.tsx';
import { Empty } from '../../../ui/frame/Empty.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { Moment } from '../../../ui/text/Moment.tsx';
import { Page } from '../../../ui/frame/Page.tsx';
import { type Column, VirtualTable } from '../../../ui/lists/VirtualTable.tsx';
import { componentName } from '../../../ui/text/words.ts';
import { NextBackup } from '../../overview/NextBackup.tsx';
import classes from '../History.module.css';
import { VersionsPanel } from './VersionsPanel.tsx';

export type FoundPath = CallOutput<'backups.find'>['found'][number];

/** A file by its name, over all backups; then its versions over time. */
export function FindPage({ parameters }: Readonly<{ parameters: URLSearchParams }>) {
  const name = parameters.get('name') ?? '';
  const [text, setText] = useState(name);
  return (
    <Page title="Find a file" actions={<Anchor href={addressOf('history')}>Back to the history</Anchor>}>
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          navigate('history', { view: 'find', name: text.trim() });
        }}
      >
        <Group align="flex-end">
          <TextInput
            flex={1}
            label="Name"
            description="A part of the name, or a pattern such as *.md. Files that are gone by now are found too."
            value={text}
            onChange={({ currentTarget }) => setText(currentTarget.value)}
          />
          <Button type="submit" disabled={text.trim() === ''}>
            Find
          </Button>
        </Group>
      </form>
      {name !== '' && <Found key={name} name={name} parameters={parameters} />}
    </Page>
  );
}

function Found({ name, parameters }: Readonly<{ name: string; parameters: URLSearchParams }>) {
  const query = useCall('backups.find', { name });
  const chosen = parameters.get('path');
  const go = (path: string | undefined): void => navigate('history', { view: 'find', name, path });
  return (
    <Loaded query={query} what={`Looking for ${name} in all backups`}>
      {({ found, backups, isCut, unreadable }) => {
        if (backups === 0) return <NoBackup />;
        const open = found.find((path) => keyOf(path) === chosen);
        return (
          <Stack gap="sm">
            <Text role="status" c="var(--page-quiet)">
              {countOf(found.length, 'path')} in {countOf(backups, 'backup')}
              {isCut && `. There are more: name it more exactly to see fewer than ${countText(found.length)}`}
              .
            </Text>
            {unreadable.length > 0 && (
              <Text>
                {countOf(unreadable.length, 'part')} of backups could not be looked through:{' '}
                {unreadable[0]?.message}
              </Text>
            )}
            {found.length === 0 ? (
              <Empty title="No backup holds such a file">Try a shorter part of its name.</Empty>
            ) : (
              <VirtualTable
                label="Files that were found"
                columns={columns}
                count={found.length}
                rowAt={(index) => found[index]}
                isOpen={(path) => keyOf(path) === chosen}
                onOpen={(path) => go(keyOf(path))}
              />
            )}
            {open !== undefined && <VersionsPanel found={open} onClose={() => go(undefined)} />}
          </Stack>
        );
      }}
    </Loaded>
  );
}

function NoBackup() {
  return (
    <Empty title="There is no backup yet">
      <Stack align="center" gap="sm">
        <span>Files are found here as soon as a backup holds them.</span>
        <NextBackup />
      </Stack>
    </Empty>
  );
}

function keyOf({ component, volume, path }: FoundPath): string {
  return `${component}/${volume}/${path}`;
}

const columns: readonly Column<FoundPath>[] = [
  {
    key: 'path',
    header: 'Path',
    width: 'minmax(0, 1fr)',
    cell: ({ path }) => (
      <span className={classes['path']} title={path}>
        {path}
      </span>
    ),
  },
  {
    key: 'where',
    header: 'In',
    width: 'minmax(120px, 200px)',
    cell: ({ component, volume }) => (volume === '' ? componentName(component) : volume),
  },
  {
    key: 'versions',
    header: 'Versions',
    width: '76px',
    isSpare: true,
    isNumber: true,
    cell: ({ versions }) => countText(versions.filter(({ sameAsPrevious }) => !sameAsPrevious).length),
  },
  {
    key: 'size',
    header: 'Size',
    width: '84px',
    isNumber: true,
    cell: ({ versions: [newest] }) =>
      newest === undefined || newest.kind === 'folder' ? '' : sizeText(newest.size),
  },
  {
    key: 'newest',
    header: 'Last seen',
    width: '124px',
    cell: ({ versions: [newest] }) => (newest === undefined ? '' : <Moment at={newest.timestamp} />),
  },
];
