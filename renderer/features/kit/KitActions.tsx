import { Button, Group, Stack } from '@mantine/core';
import { saveFile } from '../../ui/files/save-file.ts';
import { RecoverySheet } from './RecoverySheet.tsx';

/** The sheet, to be printed or saved. */
export function KitActions({ html, onKept }: Readonly<{ html: string; onKept?: () => void }>) {
  return (
    <Stack gap="sm">
      <RecoverySheet html={html} />
      <Group gap="xs">
        <Button
          variant="default"
          onClick={() => {
            window.print();
            onKept?.();
          }}
        >
          Print
        </Button>
        <Button
          variant="default"
          onClick={() => {
            saveFile('trinity-backup-recovery-kit.html', html, 'text/html');
            onKept?.();
          }}
        >
          Save
        </Button>
      </Group>
    </Stack>
  );
}
