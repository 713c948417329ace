import { Button, Group, Menu, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { CallInput, CallOutput } from '../../../../shared/ipc/contract.ts';
import { navigate } from '../../../app/navigate.ts';
import { addressOf } from '../../../app/routes.ts';
import { useAction } from '../../../client/engine.tsx';
import { useFeature } from '../../../client/use-feature.ts';
import { showProblem } from '../../../ui/state/show-problem.ts';
import { useDelete, useUndelete } from './delete-backup.tsx';
import { ExportForm } from './ExportForm.tsx';
import { TaskLine } from './TaskLine.tsx';

type Shown = CallOutput<'backups.show'>;

/** What can be done with a backup; the one thing most come for is first. */
export function BackupActions({ backup, onGone }: Readonly<{ backup: Shown; onGone: () => void }>) {
  const [isExporting, setIsExporting] = useState(false);
  const [taskId, setTaskId] = useState<string>();
  const undelete = useUndelete();
  if (backup.state === 'trashed') {
    return (
      <Group>
        <Button loading={undelete.isPending} onClick={() => undelete.mutate({ backupId: backup.backupId })}>
          Take out of the trash
        </Button>
      </Group>
    );
  }
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Button component="a" href={addressOf('restore', { backup: backup.backupId })}>
          Restore…
        </Button>
        <Button
          variant="default"
          onClick={() => navigate('history', { view: 'compare', second: backup.backupId })}
        >
          Compare with…
        </Button>
        <Button variant="default" aria-expanded={isExporting} onClick={() => setIsExporting(!isExporting)}>
          Export…
        </Button>
        <MoreActions backup={backup} onStarted={setTaskId} onGone={onGone} />
      </Group>
      {isExporting && (
        <ExportForm
          backup={backup}
          onStarted={(started) => {
            setTaskId(started);
            setIsExporting(false);
          }}
        />
      )}
      {taskId !== undefined && <TaskLine key={taskId} taskId={taskId} />}
    </Stack>
  );
}

type MoreProps = Readonly<{ backup: Shown; onStarted: (taskId: string) => void; onGone: () => void }>;

function MoreActions({ backup: { backupId, pinned }, onStarted, onGone }: MoreProps) {
  const verify = useAction('verify.start');
  const drill = useAction('drill.start');
  const pin = useAction('backups.pin');
  const remove = useDelete(onGone);
  const canRehearse = useFeature('drills');
  const begin = { onSuccess: ({ taskId }: { taskId: string }) => onStarted(taskId), onError: showProblem };
  const isBusy = verify.isPending || drill.isPending || pin.isPending || remove.isPending;
  const check = (data: CallInput<'verify.start'>['data']): void => verify.mutate({ backupId, data }, begin);
  return (
    // Without the placeholder, which is no item, the focus comes to the first of them.
    <Menu
      position="bottom-end"
      width={280}
      transitionProps={{ duration: 100 }}
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <Button variant="default" loading={isBusy}>
          More
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => check('sample')}>Verify a sample</Menu.Item>
        <Menu.Item onClick={() => check('full')}>Verify every byte</Menu.Item>
        <Menu.Item disabled={!canRehearse} onClick={() => drill.mutate({ backupId }, begin)}>
          Rehearse a restore
          {!canRehearse && (
            <Text size="xs">
              Not in this edition. Verify reads every byte as well, and restoring is always open.
            </Text>
          )}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => pin.mutate({ backupId, isPinned: !pinned }, { onError: showProblem })}>
          {pinned ? 'Unpin' : 'Pin'}
          <Text size="xs">
            {pinned ? 'Retention may let go of it again.' : 'Retention never lets go of a pinned backup.'}
          </Text>
        </Menu.Item>
        <Menu.Item onClick={() => remove.mutate(backupId)}>Delete</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
