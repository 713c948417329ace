import { Button, Code, Group, Modal, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconCornerLeftUp, IconFolder } from '@tabler/icons-react';
import { useState } from 'react';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { useCall } from '../../client/engine.tsx';
import classes from './FolderChooser.module.css';
import { Loaded } from '../frame/Loaded.tsx';

type Props = Readonly<{
  title: string;
  start: string | undefined;
  onChoose: (folder: string) => void;
  onClose: () => void;
}>;

/** Walks through the folders of the engine's machine. */
export function FolderChooser({ title, start, onChoose, onClose }: Props) {
  const [folder, setFolder] = useState(start);
  const query = useCall('folders.list', folder === undefined ? {} : { folder });
  const isGone = query.error !== null && folder !== undefined;
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size="lg"
      lockScroll={false}
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="sm">
        <Loaded query={query} what="Reading the folders">
          {(listed) => (
            <>
              <Folders listed={listed} onWalk={setFolder} />
              <Choice key={listed.folder} folder={listed.folder} onChoose={onChoose} onClose={onClose} />
            </>
          )}
        </Loaded>
        {isGone && (
          <Button variant="default" onClick={() => setFolder(undefined)}>
            Begin at the home folder
          </Button>
        )}
      </Stack>
    </Modal>
  );
}

type Listed = CallOutput<'folders.list'>;

function Folders({ listed, onWalk }: Readonly<{ listed: Listed; onWalk: (folder: string) => void }>) {
  const { folder, parent, folders, isCut } = listed;
  return (
    <>
      <Code className={classes['path']}>{folder}</Code>
      <ul className={classes['list']} aria-label={`Folders in ${folder}`}>
        {parent !== null && (
          <li>
            <Row icon={<IconCornerLeftUp size={16} />} onChoose={() => onWalk(parent)}>
              Up to {parent}
            </Row>
          </li>
        )}
        {folders.map((name) => (
          <li key={name}>
            <Row icon={<IconFolder size={16} />} onChoose={() => onWalk(below(folder, name))}>
              {name}
            </Row>
          </li>
        ))}
      </ul>
      {folders.length === 0 && <Text c="var(--page-quiet)">There are no folders in it.</Text>}
      {isCut && <Text c="var(--page-quiet)">There are more than can be shown: type the path instead.</Text>}
    </>
  );
}

/** The folder that is shown, or a new one in it. */
function Choice({
  folder,
  onChoose,
  onClose,
}: Readonly<{ folder: string }> & Pick<Props, 'onChoose' | 'onClose'>) {
  const [newName, setNewName] = useState('');
  const name = newName.trim();
  return (
    <>
      <TextInput
        label="New folder in it (if wanted)"
        value={newName}
        onChange={({ currentTarget }) => setNewName(currentTarget.value.replaceAll('/', ''))}
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button onClick={() => onChoose(name === '' ? folder : below(folder, name))}>Use this folder</Button>
      </Group>
    </>
  );
}

function Row({
  icon,
  children,
  onChoose,
}: Readonly<{ icon: React.ReactNode; children: React.ReactNode; onChoose: () => void }>) {
  return (
    <UnstyledButton className={classes['row']} onClick={onChoose}>
      <span aria-hidden="true">{icon}</span>
      <span>{children}</span>
    </UnstyledButton>
  );
}

function below(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}
