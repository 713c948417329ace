import { Button, Group, Modal, PasswordInput, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useAction } from '../../client/engine.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { showSaved } from '../../ui/show-saved.ts';

/** A further passphrase; no old one is asked for while this computer has the vault open. */
export function AddPassphrase() {
  const [isOpen, open] = useDisclosure(false);
  return (
    <>
      <Button size="xs" variant="default" onClick={open.open}>
        Add passphrase
      </Button>
      <Modal
        opened={isOpen}
        onClose={open.close}
        title="Add a passphrase"
        lockScroll={false}
        transitionProps={{ duration: 0 }}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <PassphraseForm onClose={open.close} />
      </Modal>
    </>
  );
}

function PassphraseForm({ onClose }: Readonly<{ onClose: () => void }>) {
  const [passphrase, setPassphrase] = useState('');
  const [repeated, setRepeated] = useState('');
  const add = useAction('keys.addPassphrase');
  const isLong = [...passphrase.normalize('NFC')].length >= 8;
  const isReady = isLong && passphrase === repeated;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isReady) return;
        add.mutate(
          { passphrase },
          {
            onSuccess: () => {
              showSaved();
              onClose();
            },
          },
        );
      }}
    >
      <Stack gap="md">
        <PasswordInput
          label="Passphrase"
          description="A few words that nobody guesses; 8 characters at least"
          value={passphrase}
          autoComplete="new-password"
          error={passphrase === '' || isLong ? undefined : 'Use 8 characters or more.'}
          onChange={({ currentTarget }) => setPassphrase(currentTarget.value)}
        />
        <PasswordInput
          label="Once more"
          value={repeated}
          autoComplete="new-password"
          error={repeated === '' || repeated === passphrase ? undefined : 'The two are not the same.'}
          onChange={({ currentTarget }) => setRepeated(currentTarget.value)}
        />
        {add.error !== null && <ErrorNotice error={add.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={add.isPending} disabled={!isReady}>
            Add passphrase
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
