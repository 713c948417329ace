import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useRef,
  useState,
} from 'react';
import { nextIndex } from './fixed-rows.ts';
import { useMovedFocus } from './use-moved-focus.ts';
import classes from './VirtualTable.module.css';

export type Column<Row> = Readonly<{
  key: string;
  header: string;
  /** A track of a CSS grid: `120px`, `minmax(0, 1fr)`. */
  width: string;
  isNumber?: boolean;
  /** Whether it is left out where there is no room for all columns. */
  isSpare?: boolean;
  /** Whether it goes on to the end of the row, for rows that have nothing in the columns after it. */
  takesRest?: (row: Row) => boolean;
  cell: (row: Row) => ReactNode;
}>;

type Props<Row> = Readonly<{
  label: string;
  columns: readonly Column<Row>[];
  count: number;
  /** Undefined while the row is being read. */
  rowAt: (index: number) => Row | undefined;
  onOpen: (row: Row) => void;
  isOpen?: (row: Row) => boolean;
  /** Told which rows are in sight, for whoever reads them as they are scrolled to. */
  onShown?: (first: number, last: number) => void;
  rowHeight?: number;
}>;

const headHeight = 36;

type Tracks = CSSProperties & Readonly<Record<'--tracks' | '--narrow-tracks', string>>;

function tracksOf(columns: readonly Readonly<{ width: string }>[]): string {
  return columns.map(({ width }) => width).join(' ');
}

/** A table of any length, of which only what is in sight is drawn; gone through by arrows, page keys, Home and End. */
export function VirtualTable<Row>(props: Props<Row>) {
  const { label, columns, count, rowAt, onOpen, isOpen, rowHeight = 44 } = props;
  const { scroller, virtual, active, setActive, handleKey } = useRows(props);
  const tracks: Tracks = {
    '--tracks': tracksOf(columns),
    '--narrow-tracks': tracksOf(columns.filter(({ isSpare }) => isSpare !== true)),
  };
  return (
    <div
      ref={scroller}
      className={classes['scroller']}
      role="grid"
      aria-label={label}
      aria-rowcount={count + 1}
      style={tracks}
    >
      <div role="rowgroup" className={classes['head']}>
        <div role="row" aria-rowindex={1} className={classes['row']}>
          <Cells role="columnheader" columns={columns} contentOf={({ header }) => header} />
        </div>
      </div>
      <div role="rowgroup" className={classes['body']} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rowAt(index);
          const open = (): void => {
            if (row !== undefined) onOpen(row);
          };
          return (
            <div
              key={index}
              role="row"
              aria-rowindex={index + 2}
              aria-selected={row !== undefined && isOpen?.(row) === true}
              aria-busy={row === undefined}
              data-index={index}
              tabIndex={index === active ? 0 : -1}
              className={classes['row']}
              style={{ height: rowHeight, transform: `translateY(${String(start - headHeight)}px)` }}
              onFocus={() => setActive(index)}
              onClick={open}
              onKeyDown={(event) => handleKey(event, open)}
            >
              <Cells
                role="gridcell"
                columns={columns}
                isLast={({ takesRest }) => row !== undefined && takesRest?.(row) === true}
                contentOf={({ cell }) => (row === undefined ? '…' : cell(row))}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

type CellsProps<Row> = Readonly<{
  role: 'columnheader' | 'gridcell';
  columns: readonly Column<Row>[];
  /** Of which the cell takes what is left of the row. */
  isLast?: (column: Column<Row>) => boolean;
  contentOf: (column: Column<Row>) => ReactNode;
}>;

function Cells<Row>({ role, columns, isLast, contentOf }: CellsProps<Row>) {
  const last = isLast === undefined ? -1 : columns.findIndex((column) => isLast(column));
  return (last === -1 ? columns : columns.slice(0, last + 1)).map((column, index) => (
    <div
      key={column.key}
      role={role}
      className={classes['cell']}
      data-number={column.isNumber}
      data-spare={column.isSpare}
      {...(index === last && {
        'aria-colspan': columns.length - last,
        style: { gridColumn: `${String(last + 1)} / -1` },
      })}
    >
      {contentOf(column)}
    </div>
  ));
}

function useRows<Row>({ count, onShown, rowHeight = 44 }: Props<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [wanted, setActive] = useState(0);
  const active = Math.min(wanted, Math.max(0, count - 1));
  // oxlint-disable-next-line react/incompatible-library -- no compiler remembers what this returns
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
    // The row that has the focus stays, wherever is scrolled to: without it the keyboard would begin anew.
    rangeExtractor: useCallback(
      (range: Range) =>
        [...new Set([...defaultRangeExtractor(range), active])].filter((index) => index < range.count),
      [active],
    ),
  });
  const { startIndex = 0, endIndex = 0 } = virtual.range ?? {};
  useEffect(() => onShown?.(startIndex, endIndex), [onShown, startIndex, endIndex]);
  const setMoving = useMovedFocus(scroller, active);
  const handleKey = (event: KeyboardEvent, open: () => void): void => {
    // Buttons in a row have keys of their own.
    if (event.target !== event.currentTarget) return;
    const inSight = Math.max(1, endIndex - startIndex);
    const next = nextIndex(event.key, { active, count, inSight });
    if (next === undefined && event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    if (next === undefined) {
      open();
      return;
    }
    setMoving(next !== active);
    virtual.scrollToIndex(next);
    setActive(next);
  };
  return { scroller, virtual, active, setActive, handleKey };
}
