/** Of what is scrolled; what browsers can lay out ends at some 17 million. */
const mostPixels = 16_000_000;

type Rows = Readonly<{ count: number; rowHeight: number; viewHeight: number }>;

/** Which rows of one height are in sight, and where: worked out, so that a million of them cost what ten do. */
export type RowsInSight = Readonly<{
  /** Of what is scrolled, in pixels. */
  innerHeight: number;
  first: number;
  /** -1 where there is none. */
  last: number;
  /** Where a row stands in what is scrolled, in pixels. */
  topOf: (index: number) => number;
  /** How far it is to be scrolled so that a row is in sight, in pixels. */
  scrollTopFor: (index: number) => number;
}>;

/** Where there are more rows than can be laid out, a step of the bar stands for a longer way. */
export function rowsInSight({ count, rowHeight, viewHeight }: Rows, scrollTop: number): RowsInSight {
  const whole = count * rowHeight;
  const innerHeight = Math.min(whole, mostPixels);
  const way = whole === innerHeight ? 1 : (whole - viewHeight) / (innerHeight - viewHeight);
  const most = Math.max(0, whole - viewHeight);
  const from = Math.min(Math.max(0, scrollTop * way), most);
  return {
    innerHeight,
    first: Math.min(Math.floor(from / rowHeight), Math.max(0, count - 1)),
    last: Math.min(Math.ceil((from + viewHeight) / rowHeight), count) - 1,
    topOf: (index) => index * rowHeight - from + from / way,
    scrollTopFor: (index) => {
      const highest = Math.min(index * rowHeight, most);
      const lowest = Math.max(0, (index + 1) * rowHeight - viewHeight);
      return Math.min(Math.max(from, lowest), highest) / way;
    },
  };
}

type Place = Readonly<{ active: number; count: number; inSight: number }>;

/** The row that a key leads to; undefined for keys that lead nowhere. */
export function nextIndex(key: string, { active, count, inSight }: Place): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    PageDown: active + inSight,
    PageUp: active - inSight,
    Home: 0,
    End: count - 1,
  };
  const next = steps[key];
  return next === undefined ? undefined : Math.max(0, Math.min(count - 1, next));
}
