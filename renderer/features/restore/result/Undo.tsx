import { Button, Group, Stack, Text } from '@mantine/core';
import { useAction } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';

/** A restore that is on its way, and the safety backup that it brings back if it is an undo. */
export type Started = Readonly<{ taskId: string; undoOf?: string }>;

type Props = Readonly<{
  safetyBackupId: string;
  label?: string;
  onUndo: (started: Started) => void;
}>;

/** Brings back what was there before a restore. */
export function Undo({ safetyBackupId, label = 'Undo', onUndo }: Props) {
  const undo = useAction('restore.start');
  const start = (): void =>
    undo.mutate(
      { backupId: safetyBackupId, destination: { way: 'in-place' }, safetyBackup: true },
      { onSuccess: ({ taskId }) => onUndo({ taskId, undoOf: safetyBackupId }) },
    );
  return (
    <Stack gap="xs">
      <Text>
        What was there before the restore is in backup {safetyBackupId.slice(0, 8)}, and can be put back.
      </Text>
      {undo.error !== null && <ErrorNotice error={undo.error} />}
      <Group>
        <Button variant="default" loading={undo.isPending} onClick={start}>
          {label}
        </Button>
      </Group>
    </Stack>
  );
}
