import { Button, Code, Group, Modal, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconCornerLeftUp, IconFolder } from '@tabler/icons-react';
import { useState } from 'react';
import { useCall } from '../client/engine.tsx';
import classes from './FolderChooser.module.css';
import { Loaded } from './Loaded.tsx';

type Props = Readonly<{
  title: string;
  start: string | undefined;
  onChoose: (folder: string) => void;
  onClose: () => void;
}>;

/** Walks through the folders of the engine's machine. */
export function FolderChooser({ title, start, onChoose, onClose }: Props) {
  const [folder, setFolder] = useState(start);
  const [newName, setNewName] = useState('');
  const query = useCall('folders.list', folder === undefined ? {} : { folder });
  const isGone = query.error !== null && folder !== undefined;
  const walk = (next: string | undefined): void => {
    setNewName('');
    setFolder(next);
  };
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
              <Code className={classes['path']}>{listed.folder}</Code>
              <ul className={classes['list']} aria-label={`Folders in ${listed.folder}`}>
                {listed.parent !== null && (
                  <li>
                    <Row icon={<IconCornerLeftUp size={16} />} onChoose={() => walk(listed.parent ?? '/')}>
                      Up to {listed.parent}
                    </Row>
                  </li>
                )}
                {listed.folders.map((name) => (
                  <li key={name}>
                    <Row icon={<IconFolder size={16} />} onChoose={() => walk(below(listed.folder, name))}>
                      {name}
                    </Row>
                  </li>
                ))}
              </ul>
              {listed.folders.length === 0 && <Text c="var(--page-quiet)">There are no folders in it.</Text>}
              {listed.isCut && (
                <Text c="var(--page-quiet)">There are more than can be shown: type the path instead.</Text>
              )}
              <TextInput
                label="New folder in it (if wanted)"
                value={newName}
                onChange={({ currentTarget }) => setNewName(currentTarget.value.replaceAll('/', ''))}
              />
              <Group justify="flex-end">
                <Button variant="default" onClick={onClose}>
                  Cancel
                </Button>
                <Button
                  onClick={() =>
                    onChoose(newName.trim() === '' ? listed.folder : below(listed.folder, newName.trim()))
                  }
                >
                  Use this folder
                </Button>
              </Group>
            </>
          )}
        </Loaded>
        {isGone && (
          <Button variant="default" onClick={() => walk(undefined)}>
            Begin at the home folder
          </Button>
        )}
      </Stack>
    </Modal>
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
