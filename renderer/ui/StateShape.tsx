import type { Severity, StateShape as ShapeName } from '../../shared/model/status.ts';
import classes from './StateShape.module.css';

/** Outlines on a field of 24: told apart without their colour. */
const outlines: Readonly<Record<ShapeName, readonly string[]>> = {
  check: ['M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18z', 'M8 12.4l2.8 2.8L16 9.600'],
  clock: ['M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18z', 'M12 7.500V12l3 2'],
  triangle: ['M12 4L21 20H3z', 'M12 10v4.500', 'M12 17.200v.1'],
  cross: ['M8.300 3h7.400L21 8.300v7.400L15.700 21H8.300L3 15.700V8.300z', 'M9 9l6 6M15 9l-6 6'],
  lock: ['M6 11h12v9H6z', 'M8.500 11V8a3.500 3.500 0 0 1 7 0v3'],
  pause: ['M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18z', 'M10 9v6M14 9v6'],
  ring: ['M20 12a8 8 0 1 1-2.700-6', 'M20 3.500V7.500H16'],
};

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
      {outlines[shape].map((outline) => (
        <path key={outline} d={outline} />
      ))}
    </svg>
  );
}
