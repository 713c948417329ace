import { Button, Group, Modal, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useAction } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { isPassphrase } from '../../kit/new-passphrase.ts';
import { NewPassphrase } from '../../kit/NewPassphrase.tsx';
import { showSaved } from '../../../ui/state/show-saved.ts';

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
  const isReady = isPassphrase(passphrase, repeated);
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
        <NewPassphrase
          passphrase={passphrase}
          repeated={repeated}
          onPassphrase={setPassphrase}
          onRepeated={setRepeated}
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
