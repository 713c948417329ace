import { Button, Group, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { AppError, type ErrorKind } from '../../../../shared/lib/app-error.ts';
import { ErrorNotice, isVaultShut } from '../../../ui/state/ErrorNotice.tsx';

/** A step that can be gone back to. */
export type Earlier = 'When' | 'Where' | 'Plan';

/** What a restore cannot be made from, as asked: another backup may do. */
const ofBackup: readonly ErrorKind[] = ['damaged', 'not-found', 'refused', 'incomplete'];

/** What keeps it from the place that was asked for: in a folder it may well be had. */
const ofPlace: readonly ErrorKind[] = ['usage', 'refused', 'unavailable'];

type Props = Readonly<{ error: Error; onAgain: () => void; onGo: (step: Earlier) => void }>;

/** Why there is no plan, and every way out of it. */
export function NoPlan({ error, onAgain, onGo }: Props) {
  const queries = useQueryClient();
  const kind = error instanceof AppError ? error.kind : 'failed';
  const isNameTaken = error instanceof AppError && error.details['isNameTaken'] === true;
  const toOthers = (): void => {
    // The list may be older than the loss.
    void queries.invalidateQueries({
      predicate: ({ queryKey: [call] }) => String(call).startsWith('backups.'),
    });
    onGo('When');
  };
  return (
    <Stack gap="sm" align="flex-start">
      <ErrorNotice
        error={error}
        {...(kind === 'usage' || kind === 'not-found' ? {} : { onRetry: onAgain })}
      />
      <Group gap="xs">
        {ofBackup.includes(kind) && !isNameTaken && (
          <Button variant="default" onClick={toOthers}>
            Choose another backup
          </Button>
        )}
        {(ofPlace.includes(kind) || isNameTaken) && !isVaultShut(error) && (
          <Button variant="default" onClick={() => onGo('Where')}>
            Choose another place
          </Button>
        )}
      </Group>
    </Stack>
  );
}
