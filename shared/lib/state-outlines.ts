import type { StateShape } from '../model/status.ts';

/**
 * How one shape is drawn on a field of 24, as SVG path data. `body` is a closed outline, which an icon fills; `lines` stand beside it in
 * the same colour; `marks` lie on it, and are cut out of it where it is filled.
 */
export type StateOutline = Readonly<{
  body: string | undefined;
  lines: readonly string[];
  marks: readonly string[];
}>;

const circle = 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18z';

/** The shapes of pages and tray: told apart without their colour. */
export const stateOutlines: Readonly<Record<StateShape, StateOutline>> = {
  check: { body: circle, lines: [], marks: ['M8 12.4l2.8 2.8L16 9.600'] },
  clock: { body: circle, lines: [], marks: ['M12 7.500V12l3 2'] },
  triangle: { body: 'M12 4L21 20H3z', lines: [], marks: ['M12 10v4.500', 'M12 17.200v.1'] },
  cross: {
    body: 'M8.300 3h7.400L21 8.300v7.400L15.700 21H8.300L3 15.700V8.300z',
    lines: [],
    marks: ['M9 9l6 6M15 9l-6 6'],
  },
  lock: { body: 'M6 11h12v9H6z', lines: ['M8.500 11V8a3.500 3.500 0 0 1 7 0v3'], marks: [] },
  pause: { body: circle, lines: [], marks: ['M10 9v6M14 9v6'] },
  ring: { body: undefined, lines: ['M20 12a8 8 0 1 1-2.700-6', 'M20 3.500V7.500H16'], marks: [] },
};

/** All outlines of a shape, as lines. */
export function linesOf(shape: StateShape): readonly string[] {
  const { body, lines, marks } = stateOutlines[shape];
  return [...(body === undefined ? [] : [body]), ...lines, ...marks];
}
