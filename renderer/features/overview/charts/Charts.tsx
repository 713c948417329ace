import '@mantine/charts/styles.css';
import { AreaChart, LineChart } from '@mantine/charts';
import { sizeText } from '../../../../shared/lib/size-text.ts';
import { dayMs, durationText } from '../../../../shared/lib/time-text.ts';
import { useCall } from '../../../client/engine.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { growthOf, lastOf, type TrendPoint } from './chart-data.ts';
import { ChartFrame } from './ChartFrame.tsx';
import classes from './Charts.module.css';
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

/** How the vault grows against what it keeps safe, how long runs take, and how half a year of them went. */
export function Charts() {
  const past = useCall('history.coverage', { days: calendarWeeks * 7, withSources: false });
  const size = useCall('vault.size', {});
  return (
    <Loaded query={past} what="Reading the history">
      {({ runs }) => {
        const points = lastOf(growthOf(runs, size.data?.storedBytes), shownRuns);
        return (
          <div className={classes['charts']}>
            <ChartFrame title="Vault and source" summary={growthText(points)} table={growthTable(points)}>
              <AreaChart
                h={180}
                data={[...points]}
                dataKey="atMs"
                series={[
                  { name: 'sourceBytes', label: 'Trinity', color: 'gray.5' },
                  { name: 'vaultBytes', label: 'Vault', color: 'teal.6' },
                ]}
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
            </ChartFrame>
            <ChartFrame
              title="Duration of backups"
              summary={durationSummary(points)}
              table={durationTable(points)}
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
                yAxisProps={{ width: 64 }}
                xAxisProps={timeAxis}
                tooltipProps={{ labelFormatter: timeText }}
                lineProps={{ isAnimationActive: false }}
              />
            </ChartFrame>
            <RunsCalendar runs={runs} weeks={calendarWeeks} />
          </div>
        );
      }}
    </Loaded>
  );
}

function dayText(atMs: number): string {
  return new Date(atMs).toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}

function timeText(atMs: unknown): string {
  return typeof atMs === 'number' ? new Date(atMs).toLocaleString() : '';
}

type Table = Readonly<{ headings: readonly string[]; rows: readonly (readonly string[])[] }>;

function growthTable(points: readonly TrendPoint[]): Table {
  return {
    headings: ['Backup', 'Trinity', 'Vault'],
    rows: points.map(({ atMs, sourceBytes, vaultBytes }) => [
      timeText(atMs),
      sizeText(sourceBytes),
      vaultBytes === undefined ? 'not known' : sizeText(vaultBytes),
    ]),
  };
}

function growthText(points: readonly TrendPoint[]): string {
  const last = points.at(-1);
  if (last === undefined) return 'No backup yet.';
  const vault = last.vaultBytes === undefined ? '' : `, the vault ${sizeText(last.vaultBytes)}`;
  return `Trinity holds ${sizeText(last.sourceBytes)}${vault}. What was cleared since is not drawn.`;
}

function durationTable(points: readonly TrendPoint[]): Table {
  return {
    headings: ['Backup', 'Took'],
    rows: points.map(({ atMs, durationMs }) => [timeText(atMs), durationText(durationMs)]),
  };
}

function durationSummary(points: readonly TrendPoint[]): string {
  const last = points.at(-1);
  if (last === undefined) return 'No backup yet.';
  const days = Math.max(1, Math.round((last.atMs - (points[0]?.atMs ?? last.atMs)) / dayMs));
  const longest = Math.max(...points.map(({ durationMs }) => durationMs));
  return `The last took ${durationText(last.durationMs)}, the longest of ${days === 1 ? 'a day' : `${String(days)} days`} ${durationText(longest)}.`;
}
