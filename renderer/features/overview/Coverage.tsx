import { Stack, Table, Text, Title } from '@mantine/core';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { sizeText } from '../../../shared/lib/size-text.ts';
import { durationText } from '../../../shared/lib/time-text.ts';
import { Empty } from '../../ui/frame/Empty.tsx';
import { Moment, useMinute } from '../../ui/text/Moment.tsx';
import { StateShape } from '../../ui/state/StateShape.tsx';
import { daysOf } from './coverage-days.ts';
import { DayStrip } from './DayStrip.tsx';
import classes from './Overview.module.css';

type Props = Readonly<{ standing: CallOutput<'status.get'>; past: CallOutput<'history.coverage'> }>;

const shownDays = 30;

/** A row for each source that ought to be backed up: how it stands, and the last thirty days. */
export function Coverage({ standing, past }: Props) {
  const nowMs = useMinute();
  if (standing.sources.length === 0) {
    return <Empty title="Nothing is backed up yet">The first backup shows what it covers here.</Empty>;
  }
  return (
    <Stack gap="sm">
      <Title order={2}>Coverage</Title>
      <Table verticalSpacing={6} horizontalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>What</Table.Th>
            <Table.Th>Last 30 days</Table.Th>
            <Table.Th className={classes['whole']}>Last backup</Table.Th>
            <Table.Th ta="right">Size</Table.Th>
            <Table.Th ta="right">Frozen</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {standing.sources.map((source) => {
            const runs = past.sources.filter((run) => run.source === source.source);
            const last = runs.find(({ outcome }) => outcome === 'succeeded');
            return (
              <Table.Tr key={source.source}>
                <Table.Td>
                  <span className={classes['named']}>
                    <StateShape {...shapeOf(source)} size={18} />
                    <Text title={source.sentence}>{source.name}</Text>
                  </span>
                </Table.Td>
                <Table.Td>
                  <DayStrip days={daysOf(runs, shownDays, nowMs)} name={source.name} />
                </Table.Td>
                <Table.Td>
                  {source.lastBackupAt === null ? 'Never' : <Moment at={source.lastBackupAt} />}
                </Table.Td>
                <Table.Td ta="right" className={classes['whole']}>
                  {last === undefined ? '' : sizeText(last.bytes)}
                </Table.Td>
                <Table.Td ta="right">
                  {last === undefined || last.frozenMs === 0 ? '' : durationText(last.frozenMs)}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

function shapeOf({ state, severity }: Props['standing']['sources'][number]) {
  const shapes = {
    failed: 'cross',
    stale: 'clock',
    uncovered: 'triangle',
    unproven: 'clock',
    protected: 'check',
  } as const;
  return { shape: shapes[state], severity };
}
