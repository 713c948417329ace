import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { countOf } from '../../../../shared/lib/size-text.ts';
import { dateText } from '../../../../shared/lib/time-text.ts';
import { useMinute } from '../../../ui/text/Moment.tsx';
import { DayLegend, dayWords } from '../DayLegend.tsx';
import { type CalendarDay, calendarOf, monthStarts } from './chart-data.ts';
import { ChartFrame } from './ChartFrame.tsx';
import classes from './Charts.module.css';

type Props = Readonly<{ runs: CallOutput<'history.coverage'>['runs']; weeks: number }>;

/** A square for each day, a column for each week; failures are lower as well as red. */
export function RunsCalendar({ runs, weeks }: Props) {
  const calendar = calendarOf(runs, weeks, useMinute());
  const months = monthStarts(calendar);
  const days = calendar.flat();
  const tried = days.filter((day) => day.runs > 0);
  return (
    <ChartFrame
      title="Runs"
      summary={summaryOf(days)}
      table={{
        headings: ['Day', 'Backups', 'Outcome'],
        rows: tried.map(({ startMs, outcome, runs: count }) => [
          dateText(startMs),
          countOf(count, 'run'),
          dayWords[outcome],
        ]),
      }}
    >
      <div className={classes['calendar']}>
        <div className={classes['weekdays']}>
          {['Mon', '', 'Wed', '', 'Fri', '', 'Sun'].map((label, day) => (
            <span key={day}>{label}</span>
          ))}
        </div>
        {calendar.map((week, index) => (
          <div key={week[0]?.startMs ?? 0} className={classes['week']}>
            <span className={classes['month']}>{months[index]}</span>
            {week.map((day) => (
              <div
                key={day.startMs}
                className={classes['day']}
                data-day={day.outcome}
                title={`${dateText(day.startMs)}: ${dayWords[day.outcome]}${day.runs > 1 ? `, ${countOf(day.runs, 'run')}` : ''}`}
              />
            ))}
          </div>
        ))}
      </div>
      <DayLegend />
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
