import { Button, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useAction } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { KitActions } from '../../kit/KitActions.tsx';

/** A new sheet with a new recovery key. No key is kept in clear, so an earlier one cannot be shown again. */
export function NewKit() {
  const [isOpen, open] = useDisclosure(false);
  const make = useAction('keys.recoveryKitPage');
  const close = (): void => {
    open.close();
    make.reset();
  };
  return (
    <>
      <Button size="xs" variant="default" onClick={open.open}>
        Recovery kit
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title="Recovery kit"
        size="xl"
        lockScroll={false}
        transitionProps={{ duration: 0 }}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Stack gap="md">
          {make.data === undefined ? (
            <>
              <Text>
                A new recovery key is made and shown once, on a sheet to print or save. Earlier sheets go on
                opening the vault until their key is removed.
              </Text>
              {make.error !== null && <ErrorNotice error={make.error} />}
              <div>
                <Button loading={make.isPending} onClick={() => make.mutate({})}>
                  Make a sheet
                </Button>
              </div>
            </>
          ) : (
            <>
              <Text>It is shown only now: print or save it, and keep it away from this server.</Text>
              <KitActions html={make.data.html} />
            </>
          )}
        </Stack>
      </Modal>
    </>
  );
}
