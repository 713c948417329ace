import { linesOf } from '../../../shared/lib/state-outlines.ts';
import type { Severity, StateShape as ShapeName } from '../../../shared/model/status.ts';
import classes from './StateShape.module.css';

/** The shape of a state. What it means stands beside it in words, so that it is hidden from readers of the screen. */
export function StateShape({
  shape,
  severity,
  size = 20,
}: Readonly<{ shape: ShapeName; severity: Severity; size?: number }>) {
  return (
    <svg
      className={classes['shape']}
      data-severity={severity}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      aria-hidden="true"
    >
      {linesOf(shape).map((outline) => (
        <path key={outline} d={outline} />
      ))}
    </svg>
  );
}
