import { Button, Checkbox, Group, Stack, Table, Title } from '@mantine/core';
import type { CallInput } from '../../../shared/ipc/contract.ts';
import { countText, sizeText } from '../../../shared/lib/size-text.ts';
import { useAction, useCall } from '../../client/engine.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { Loaded } from '../../ui/Loaded.tsx';
import { Moment } from '../../ui/Moment.tsx';
import { nameOf, type What } from './choice.ts';
import classes from './Restore.module.css';

type Props = Readonly<{
  what: What;
  request: CallInput<'restore.plan'>;
  onQuietly: (startQuietly: boolean) => void;
  onStarted: (taskId: string) => void;
}>;

/** What would happen, in words and numbers; its button is the first thing that changes anything. */
export function PlanStep({ what, request, onQuietly, onStarted }: Props) {
  const plan = useCall('restore.plan', request);
  const start = useAction('restore.start');
  const isInPlace = request.destination.way === 'in-place';
  return (
    <Loaded query={plan} what="Working out what would happen">
      {({ timestamp, sources, actions }) => (
        <Stack gap="lg">
          <Stack gap="xs">
            <Title order={2}>What will happen</Title>
            <ul className={classes['plan']}>
              {actions.map((action) => (
                <li key={action}>{action}</li>
              ))}
            </ul>
          </Stack>
          <Table verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>What comes back</Table.Th>
                <Table.Th ta="right">Files</Table.Th>
                <Table.Th ta="right">Size</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {sources.map(({ source, files, bytes }) => (
                <Table.Tr key={source}>
                  <Table.Td>{source}</Table.Td>
                  <Table.Td ta="right">{countText(files)}</Table.Td>
                  <Table.Td ta="right">{sizeText(bytes)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          {isInPlace && (
            <Checkbox
              label="Start quietly: schedules and queued runs stay off until you turn them on"
              checked={request.startQuietly === true}
              onChange={({ currentTarget }) => onQuietly(currentTarget.checked)}
            />
          )}
          {start.error !== null && <ErrorNotice error={start.error} />}
          <Group>
            <Button
              loading={start.isPending}
              onClick={() => start.mutate(request, { onSuccess: ({ taskId }) => onStarted(taskId) })}
            >
              Restore {nameOf(what)} from&nbsp;
              <Moment at={timestamp} />
            </Button>
          </Group>
        </Stack>
      )}
    </Loaded>
  );
}
