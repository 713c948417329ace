import { Stack, Table, Text, Title } from '@mantine/core';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { countText, sizeText } from '../../../../shared/lib/size-text.ts';
import { durationText } from '../../../../shared/lib/time-text.ts';
import { sourceName } from '../../../ui/text/words.ts';
import classes from '../History.module.css';

type Source = CallOutput<'backups.show'>['sources'][number];

/** What the backup holds, part by part: how much, and how long each agent was held for it. */
export function Parts({ sources }: Readonly<{ sources: readonly Source[] }>) {
  return (
    <Stack gap="xs">
      <Title order={3}>Parts</Title>
      <Table verticalSpacing={6} horizontalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Part</Table.Th>
            <Table.Th ta="right">Files</Table.Th>
            <Table.Th ta="right">Size</Table.Th>
            <Table.Th ta="right">Added</Table.Th>
            <Table.Th ta="right">Held</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sources.map((source) => (
            <Table.Tr key={`${source.component}/${source.volume}`}>
              <Table.Td>
                <Text>{sourceName(source)}</Text>
                <Text className={classes['quiet']}>{aboutSource(source)}</Text>
              </Table.Td>
              <Table.Td ta="right">{source.state === 'failed' ? '' : countText(source.files)}</Table.Td>
              <Table.Td ta="right">{source.state === 'failed' ? '' : sizeText(source.bytes)}</Table.Td>
              <Table.Td ta="right">{source.state === 'failed' ? '' : sizeText(source.bytesAdded)}</Table.Td>
              <Table.Td ta="right">{heldText(source)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

const heldWords: Readonly<Record<string, string>> = {
  paused: 'paused while copied',
  stopped: 'stopped while copied',
  live: 'copied while it ran',
  idle: 'nothing was writing',
};

function aboutSource({ component, volume, state, provenAt, facts }: Source): string {
  const { consistency } = facts;
  return [
    ...(state === 'failed' ? ['could not be copied'] : []),
    ...(component === 'memory' ? [volume] : []),
    ...(typeof consistency === 'string' ? [heldWords[consistency] ?? consistency] : []),
    ...(provenAt === null ? [] : ['proven']),
  ].join(' · ');
}

/** Agents are frozen, the database is locked. */
function heldText({ frozenMs, lockedMs }: Source): string {
  const heldMs = Math.max(frozenMs, lockedMs);
  return heldMs === 0 ? '' : durationText(heldMs);
}
