import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { countOf } from '../../../../shared/lib/size-text.ts';
import { useMinute } from '../../../ui/text/Moment.tsx';
import { type CalendarDay, calendarOf } from './chart-data.ts';
import { ChartFrame } from './ChartFrame.tsx';
import classes from './Charts.module.css';

type Props = Readonly<{ runs: CallOutput<'history.coverage'>['runs']; weeks: number }>;

const words: Readonly<Record<CalendarDay['outcome'], string>> = {
  good: 'backed up',
  warnings: 'backed up with warnings',
  failed: 'failed',
  none: 'no backup',
};

/** A square for each day, a column for each week; failures are lower as well as red. */
export function RunsCalendar({ runs, weeks }: Props) {
  const calendar = calendarOf(runs, weeks, useMinute());
  const days = calendar.flat();
  const tried = days.filter((day) => day.runs > 0);
  return (
    <ChartFrame
      title="Runs"
      summary={summaryOf(days)}
      isWide
      table={{
        headings: ['Day', 'Backups', 'Outcome'],
        rows: tried.map(({ startMs, outcome, runs: count }) => [
          dateText(startMs),
          countOf(count, 'run'),
          words[outcome],
        ]),
      }}
    >
      <div className={classes['calendar']}>
        {calendar.map((week) => (
          <div key={week[0]?.startMs ?? 0} className={classes['week']}>
            {week.map(({ startMs, outcome, runs: count }) => (
              <div
                key={startMs}
                className={classes['day']}
                data-day={outcome}
                title={`${dateText(startMs)}: ${words[outcome]}${count > 1 ? `, ${countOf(count, 'run')}` : ''}`}
              />
            ))}
          </div>
        ))}
      </div>
    </ChartFrame>
  );
}

function summaryOf(days: readonly CalendarDay[]): string {
  const first = days.findIndex(({ runs }) => runs > 0);
  const since = first === -1 ? [] : days.slice(first);
  const count = (outcome: CalendarDay['outcome']): number =>
    since.filter((day) => day.outcome === outcome).length;
  const good = count('good') + count('warnings');
  return `Backed up on ${countOf(good, 'day')} of ${String(since.length)}, failed on ${String(count('failed'))}, none on ${String(count('none'))}.`;
}

function dateText(atMs: number): string {
  return new Date(atMs).toLocaleDateString(undefined, { dateStyle: 'medium' });
}
