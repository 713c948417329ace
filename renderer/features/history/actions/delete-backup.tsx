import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import type { Client } from '../../../../shared/ipc/client.ts';
import { countOf } from '../../../../shared/lib/size-text.ts';
import { useAction, useClient } from '../../../client/engine.tsx';
import { showProblem } from '../../../ui/state/show-problem.ts';

const undoMs = 12_000;

/** Moves a backup to the trash, and offers to have it back at once. */
export function useDelete(onGone: () => void) {
  const client = useClient();
  return useMutation({
    mutationFn: async (backupId: string) => await client.call('backups.delete', { backupId }),
    onError: showProblem,
    // Not given to `mutate`: what was deleted takes its buttons with it, and what they were to do then.
    onSuccess: ({ backupId, trashDays }) => {
      offerUndo(client, { backupId, trashDays });
      onGone();
    },
  });
}

function offerUndo(
  client: Client,
  { backupId, trashDays }: Readonly<{ backupId: string; trashDays: number }>,
): void {
  const toast = `deleted-${backupId}`;
  const undo = async (): Promise<void> => {
    notifications.hide(toast);
    try {
      await client.call('backups.undelete', { backupId });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      showProblem(error);
    }
  };
  notifications.show({
    id: toast,
    autoClose: undoMs,
    role: 'status',
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text>In the trash for {countOf(trashDays, 'day')}.</Text>
        <Button size="xs" variant="default" onClick={() => void undo()}>
          Undo
        </Button>
      </Group>
    ),
  });
}

export function useUndelete() {
  const undelete = useAction('backups.undelete');
  return {
    isPending: undelete.isPending,
    mutate: ({ backupId }: Readonly<{ backupId: string }>): void =>
      undelete.mutate({ backupId }, { onError: showProblem }),
  };
}
