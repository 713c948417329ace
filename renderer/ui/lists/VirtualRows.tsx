import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import classes from './VirtualRows.module.css';

type Props = Readonly<{
  label: string;
  count: number;
  /** Of a row, in pixels. */
  rowHeight: number;
  /** Of the window at most, in pixels. */
  height: number;
  children: (index: number) => ReactNode;
  /** The end has come near: there may be more to load. */
  onEnd?: () => void;
}>;

/** A list of any length, of which only what is in sight is drawn. */
export function VirtualRows({ label, count, rowHeight, height, children, onEnd }: Props) {
  const window = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- nothing of it is handed on to be remembered
  const rows = useVirtualizer({
    count,
    getScrollElement: () => window.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= count - 1) onEnd?.();
  }, [last, count, onEnd]);
  return (
    <div
      ref={window}
      className={classes['window']}
      style={{ maxHeight: height }}
      role="list"
      aria-label={label}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, also by keyboard alone
      tabIndex={0}
    >
      <div className={classes['inner']} style={{ height: rows.getTotalSize() }} role="presentation">
        {shown.map(({ index, start }) => (
          <div
            key={index}
            role="listitem"
            aria-setsize={count}
            aria-posinset={index + 1}
            className={classes['row']}
            style={{ height: rowHeight, transform: `translateY(${String(start)}px)` }}
          >
            {children(index)}
          </div>
        ))}
      </div>
    </div>
  );
}
