import '@mantine/charts/styles.css';
import { AreaChart, LineChart } from '@mantine/charts';
import { sizeText } from '../../../../shared/lib/size-text.ts';
import { durationText, fullText } from '../../../../shared/lib/time-text.ts';
import { useCall } from '../../../client/engine.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { growthOf, lastOf, type TrendPoint } from './chart-data.ts';
import * as say from './chart-words.ts';
import { ChartFrame } from './ChartFrame.tsx';
import classes from './Charts.module.css';
import { durationTicks, tickText } from './duration-axis.ts';
import { RunsCalendar } from './RunsCalendar.tsx';

const calendarWeeks = 26;
/** More points than a small chart has room for say nothing more. */
const shownRuns = 120;

const timeAxis = {
  type: 'number' as const,
  scale: 'time' as const,
  domain: ['dataMin', 'dataMax'] as [string, string],
  tickFormatter: dayText,
  minTickGap: 40,
};

/** How the vault grows, what it saves, how long runs take, and how half a year of them went. */
export function Charts() {
  const past = useCall('history.coverage', { days: calendarWeeks * 7, withSources: false });
  const size = useCall('vault.size', {});
  return (
    <Loaded query={past} what="Reading the history">
      {({ runs }) => {
        const points = lastOf(growthOf(runs, size.data?.storedBytes), shownRuns);
        return (
          <div className={classes['charts']}>
            <Growth points={points} />
            <Saving points={points} backups={runs.filter(({ backupId }) => backupId !== undefined).length} />
            <Duration points={points} />
            <RunsCalendar runs={runs} weeks={calendarWeeks} />
          </div>
        );
      }}
    </Loaded>
  );
}

type Points = Readonly<{ points: readonly TrendPoint[] }>;

function Growth({ points }: Points) {
  return (
    <ChartFrame title="Vault and source" summary={say.growthText(points)} table={say.growthTable(points)}>
      <SizesChart
        points={points}
        series={[
          { name: 'sourceBytes', label: 'Trinity', color: 'gray.5' },
          { name: 'vaultBytes', label: 'Vault', color: 'teal.6' },
        ]}
      />
    </ChartFrame>
  );
}

function Saving({ points, backups }: Points & Readonly<{ backups: number }>) {
  return (
    <ChartFrame
      title="Saved by deduplication"
      summary={say.savingText(points, backups)}
      table={say.savingTable(points)}
    >
      <SizesChart
        points={points}
        series={[
          { name: 'wholeBytes', label: 'If each were whole', color: 'gray.5' },
          { name: 'writtenBytes', label: 'Stored', color: 'teal.6' },
        ]}
      />
    </ChartFrame>
  );
}

function Duration({ points }: Points) {
  const ticks = durationTicks(Math.max(0, ...points.map(({ durationMs }) => durationMs)));
  return (
    <ChartFrame
      title="Duration of backups"
      summary={say.durationSummary(points)}
      table={say.durationTable(points)}
    >
      <LineChart
        h={180}
        data={[...points]}
        dataKey="atMs"
        series={[{ name: 'durationMs', label: 'Took', color: 'teal.6' }]}
        accessibilityLayer={false}
        withDots={points.length < 3}
        curveType="linear"
        valueFormatter={durationText}
        yAxisProps={{
          width: 72,
          ticks: [...ticks],
          domain: [0, ticks.at(-1) ?? 0],
          interval: 0,
          tickFormatter: tickText,
        }}
        xAxisProps={timeAxis}
        tooltipProps={{ labelFormatter: timeText }}
        lineProps={{ isAnimationActive: false }}
      />
    </ChartFrame>
  );
}

type Series = Readonly<{ name: keyof TrendPoint; label: string; color: string }>;

function SizesChart({ points, series }: Points & Readonly<{ series: readonly Series[] }>) {
  return (
    <AreaChart
      h={180}
      data={[...points]}
      dataKey="atMs"
      series={[...series]}
      withLegend
      accessibilityLayer={false}
      withDots={points.length < 3}
      curveType="linear"
      valueFormatter={sizeText}
      yAxisProps={{ width: 64 }}
      xAxisProps={timeAxis}
      tooltipProps={{ labelFormatter: timeText }}
      areaProps={{ isAnimationActive: false }}
    />
  );
}

function dayText(atMs: number): string {
  return new Date(atMs).toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}

function timeText(atMs: unknown): string {
  return typeof atMs === 'number' ? fullText(atMs) : '';
}
