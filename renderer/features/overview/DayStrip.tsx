import { countOf } from '../../../shared/lib/size-text.ts';
import { dateText } from '../../../shared/lib/time-text.ts';
import type { Day } from './coverage-days.ts';
import { dayWords } from './DayLegend.tsx';
import classes from './Overview.module.css';

/** A square for each day, told apart by height as well as by colour; whoever cannot see it hears the sum. */
export function DayStrip({ days, name }: Readonly<{ days: readonly Day[]; name: string }>) {
  const good = days.filter(({ outcome }) => outcome === 'good' || outcome === 'warnings').length;
  const failed = days.filter(({ outcome }) => outcome === 'failed').length;
  const words = `${name}: backed up on ${countOf(good, 'day')} of ${days.length}, failed on ${String(failed)}`;
  return (
    <div className={classes['strip']} role="img" aria-label={words}>
      {days.map(({ startMs, outcome }) => (
        <div
          key={startMs}
          className={classes['square']}
          data-day={outcome}
          title={dayText(startMs, outcome)}
        />
      ))}
    </div>
  );
}

function dayText(startMs: number, outcome: Day['outcome']): string {
  return `${dateText(startMs)}: ${dayWords[outcome]}`;
}
