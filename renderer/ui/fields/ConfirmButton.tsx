import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';

type Props = Readonly<{
  /** What it does: also the button that does it. */
  label: string;
  title: string;
  /** What follows from it. */
  children: ReactNode;
  isPending?: boolean;
  isDisabled?: boolean;
  onConfirm: () => void;
}>;

/** A deed that is asked about first, since it cannot be taken back. */
export function ConfirmButton({
  label,
  title,
  children,
  isPending = false,
  isDisabled = false,
  onConfirm,
}: Props) {
  const [isAsked, asked] = useDisclosure(false);
  return (
    <>
      <Button size="xs" variant="default" loading={isPending} disabled={isDisabled} onClick={asked.open}>
        {label}
      </Button>
      <Modal
        opened={isAsked}
        onClose={asked.close}
        title={title}
        lockScroll={false}
        transitionProps={{ duration: 0 }}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Stack gap="md">
          <Text component="div">{children}</Text>
          <Group justify="flex-end">
            <Button variant="default" data-autofocus onClick={asked.close}>
              Cancel
            </Button>
            <Button
              color="red"
              onClick={() => {
                asked.close();
                onConfirm();
              }}
            >
              {label}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
