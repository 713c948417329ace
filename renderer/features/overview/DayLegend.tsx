import type { Day } from './coverage-days.ts';
import classes from './DayLegend.module.css';

/** What a day was like, in words. */
export const dayWords: Readonly<Record<Day['outcome'], string>> = {
  good: 'backed up',
  warnings: 'backed up with warnings',
  failed: 'failed',
  none: 'no backup',
};

/** What the squares mean. The pictures beside it tell the same in words to whoever cannot see them. */
export function DayLegend() {
  return (
    <div className={classes['legend']} aria-hidden="true">
      {Object.entries(dayWords).map(([outcome, words]) => (
        <span key={outcome} className={classes['entry']}>
          <span className={classes['mark']} data-day={outcome} />
          {outcome === 'warnings' ? 'with warnings' : words}
        </span>
      ))}
    </div>
  );
}
