import { Button, Table, Text } from '@mantine/core';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { sizeText } from '../../../shared/lib/size-text.ts';
import { useAction } from '../../client/engine.tsx';
import { showProblem } from '../../ui/state/show-problem.ts';
import classes from './Agents.module.css';

type Volume = CallOutput<'agents.list'>['ownerless'][number];

/** A volume that belongs to no agent: it is backed up when somebody says so. */
export function OwnerlessRow({ volume: { volume, included, reason, bytes } }: Readonly<{ volume: Volume }>) {
  const set = useAction('settings.set');
  return (
    <Table.Tr>
      <Table.Td colSpan={3}>
        <Text className={classes['path']}>{volume}</Text>
        <Text className={classes['quiet']}>{reason}</Text>
      </Table.Td>
      <Table.Td ta="right">{bytes === null ? '–' : sizeText(bytes)}</Table.Td>
      <Table.Td ta="right">–</Table.Td>
      <Table.Td colSpan={2}>
        <Button
          size="xs"
          variant="default"
          aria-label={`${included ? 'Leave out' : 'Include'} ${volume}`}
          loading={set.isPending}
          onClick={() =>
            set.mutate({ path: ['volumes', volume, 'include'], value: !included }, { onError: showProblem })
          }
        >
          {included ? 'Leave out' : 'Include'}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
