import { Stack, Tabs } from '@mantine/core';
import type { What } from '../choice.ts';
import { FileSearch } from './FileSearch.tsx';
import { FileTree } from './FileTree.tsx';
import type { ListedBackup } from '../use-backups.ts';

type Props = Readonly<{
  backups: readonly ListedBackup[];
  backupId: string | undefined;
  onChoose: (what: What, backupId: string | undefined) => void;
}>;

/** Files by their name in all backups, or by their place in one. */
export function FilesChoice({ backups, backupId, onChoose }: Props) {
  return (
    <Tabs defaultValue={backupId === undefined ? 'search' : 'tree'} keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="search">Search all backups</Tabs.Tab>
        <Tabs.Tab value="tree">Look through a backup</Tabs.Tab>
      </Tabs.List>
      <Stack pt="md">
        <Tabs.Panel value="search">
          <FileSearch onChoose={(path) => onChoose({ kind: 'files', paths: [path] }, undefined)} />
        </Tabs.Panel>
        <Tabs.Panel value="tree">
          <FileTree
            backups={backups}
            first={backupId}
            onChoose={(paths, chosen) => onChoose({ kind: 'files', paths }, chosen)}
          />
        </Tabs.Panel>
      </Stack>
    </Tabs>
  );
}
