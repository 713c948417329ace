import { Stack, Table, Text, Title } from '@mantine/core';
import { useMemo } from 'react';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { sizeText } from '../../../shared/lib/size-text.ts';
import { durationText } from '../../../shared/lib/time-text.ts';
import { Empty } from '../../ui/frame/Empty.tsx';
import { Moment, useMinute } from '../../ui/text/Moment.tsx';
import { StateShape } from '../../ui/state/StateShape.tsx';
import { type CoverageRow, coverageRows, rememberedRows } from './coverage-rows.ts';
import { daysOf } from './coverage-days.ts';
import { DayLegend } from './DayLegend.tsx';
import { DayStrip } from './DayStrip.tsx';
import classes from './Overview.module.css';

type Past = CallOutput<'history.coverage'>;
type Props = Readonly<{ standing: CallOutput<'status.get'>; past: Past }>;

const shownDays = 30;

/** A row for each source that ought to be backed up: how it stands, and the last thirty days. */
export function Coverage({ standing, past }: Props) {
  const { sources } = standing;
  const isShut = standing.memory === null;
  const rows = useMemo(
    () => (isShut ? rememberedRows(past.sources) : coverageRows(sources)),
    [isShut, past.sources, sources],
  );
  if (rows.length === 0) {
    return isShut ? (
      <Empty title="What is backed up is not known now" />
    ) : (
      <Empty title="Nothing is backed up yet">The first backup shows what it covers here.</Empty>
    );
  }
  return (
    <Stack gap="sm">
      <div className={classes['head']}>
        <Title order={2}>Coverage</Title>
        <DayLegend />
      </div>
      {isShut && (
        <Text className={classes['quiet']}>
          The vault cannot be looked into: this is what the history of this computer remembers.
        </Text>
      )}
      <Table verticalSpacing={6} horizontalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>What</Table.Th>
            <Table.Th className={classes['tight']}>Last 30 days</Table.Th>
            <Table.Th className={classes['tight']}>Last backup</Table.Th>
            <Table.Th ta="right" className={classes['tight']}>
              Size
            </Table.Th>
            <Table.Th ta="right" className={classes['tight']}>
              Frozen
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Row key={row.source} row={row} runs={past.sources.filter((run) => run.source === row.source)} />
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

function Row({ row, runs }: Readonly<{ row: CoverageRow; runs: Past['sources'] }>) {
  const { label, volume, state, severity, sentence, lastBackupAt } = row;
  const nowMs = useMinute();
  const last = runs.find(({ outcome }) => outcome === 'succeeded');
  return (
    <Table.Tr>
      <Table.Td>
        <span className={classes['named']}>
          <StateShape shape={shapes[state]} severity={severity} size={18} />
          <span className={classes['source']}>
            <bdi title={sentence}>{label}</bdi>
            {volume !== undefined && <Text className={classes['quiet']}>{volume}</Text>}
            {untold.includes(state) ? (
              <span className={classes['unseen']}>: {sentence}</span>
            ) : (
              <Text className={classes['quiet']}>{sentence}</Text>
            )}
          </span>
        </span>
      </Table.Td>
      <Table.Td>
        <DayStrip days={daysOf(runs, shownDays, nowMs)} name={label} />
      </Table.Td>
      <Table.Td className={classes['whole']}>
        {lastBackupAt === null ? noneWords(state) : <Moment at={lastBackupAt} />}
      </Table.Td>
      <Table.Td ta="right" className={classes['whole']}>
        {last === undefined ? '–' : sizeText(last.bytes)}
      </Table.Td>
      <Table.Td ta="right" className={classes['whole']}>
        {last === undefined || last.frozenMs === 0 ? '–' : durationText(last.frozenMs)}
      </Table.Td>
    </Table.Tr>
  );
}

/** What is remembered goes back for some days, and no further. */
function noneWords(state: CoverageRow['state']): string {
  return state === 'unknown' ? `None in ${String(shownDays)} days` : 'Never';
}

/** Told by the shape, and to readers of the screen. */
const untold: readonly CoverageRow['state'][] = ['protected', 'unproven', 'unknown'];

const shapes = {
  unknown: 'clock',
  failed: 'cross',
  stale: 'clock',
  uncovered: 'triangle',
  unproven: 'clock',
  protected: 'check',
} as const;
