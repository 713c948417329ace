import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { nextIndex, rowsInSight } from './fixed-rows.ts';
import { useMovedFocus } from './use-moved-focus.ts';
import classes from './VirtualRows.module.css';

export type TreeItem = Readonly<{
  /** 1 at the top. */
  level: number;
  /** Among what lies in the same folder, from 0 on. */
  position: number;
  /** What lies in the same folder; undefined while it is not known. */
  siblings: number | undefined;
  /** The row of its folder; -1 at the top. */
  parentRow: number;
  /** Undefined for what does not open. */
  isOpen: boolean | undefined;
  /** Undefined for what cannot be chosen. */
  isChecked: boolean | undefined;
  isBusy: boolean;
  content: ReactNode;
}>;

type Props = Readonly<{
  label: string;
  count: number;
  rowHeight: number;
  /** Of the window at most, in pixels. */
  height: number;
  itemAt: (index: number) => TreeItem;
  onOpen: (index: number) => void;
  onCheck: (index: number) => void;
  /** Told which rows are in sight, for whoever reads them as they are scrolled to. */
  onShown: (first: number, last: number) => void;
}>;

/** Drawn beyond what is in sight, on either side. */
const spareRows = 8;

/** A tree of any size, of which only what is in sight is drawn; arrows, page keys, Home and End go through it, space chooses. */
export function VirtualTree(props: Props) {
  const { label, rowHeight, height, itemAt, onOpen } = props;
  const { scroller, sight, active, setActive, indices, handleScroll, handleKey } = useTreeRows(props);
  return (
    <div ref={scroller} className={classes['window']} style={{ maxHeight: height }} onScroll={handleScroll}>
      <div
        role="tree"
        aria-label={label}
        aria-multiselectable="true"
        className={classes['inner']}
        style={{ height: sight.innerHeight }}
      >
        {indices.map((index) => {
          const item = itemAt(index);
          return (
            <div
              key={index}
              role="treeitem"
              aria-level={item.level}
              aria-setsize={item.siblings ?? -1}
              aria-posinset={item.position + 1}
              aria-expanded={item.isOpen}
              aria-checked={item.isChecked}
              aria-busy={item.isBusy}
              data-index={index}
              tabIndex={index === active ? 0 : -1}
              className={classes['row']}
              style={{ height: rowHeight, transform: `translateY(${String(sight.topOf(index))}px)` }}
              onFocus={() => setActive(index)}
              onClick={() => onOpen(index)}
              onKeyDown={(event) => handleKey(event, item)}
            >
              {item.content}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function useTreeRows({ count, rowHeight, height, onOpen, onCheck, onShown }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [wanted, setActive] = useState(0);
  const active = Math.min(wanted, Math.max(0, count - 1));
  const sight = rowsInSight({ count, rowHeight, viewHeight: height }, top);
  const { first, last } = sight;
  useEffect(() => onShown(first, last), [onShown, first, last]);
  const setMoving = useMovedFocus(scroller, active);
  const moveTo = (next: number): void => {
    if (next === active) return;
    setMoving(true);
    const wantedTop = sight.scrollTopFor(next);
    scroller.current?.scrollTo({ top: wantedTop });
    setTop(wantedTop);
    setActive(next);
  };
  const handleKey = (event: KeyboardEvent, { isOpen, parentRow }: TreeItem): void => {
    const next = nextIndex(event.key, { active, count, inSight: Math.max(1, last - first) });
    if (next !== undefined) moveTo(next);
    else if (event.key === 'ArrowRight' && isOpen === true) moveTo(Math.min(active + 1, count - 1));
    else if (event.key === 'ArrowRight' && isOpen === false) onOpen(active);
    else if (event.key === 'ArrowLeft' && isOpen === true) onOpen(active);
    else if (event.key === 'ArrowLeft') moveTo(Math.max(parentRow, 0));
    else if (event.key === 'Enter') onOpen(active);
    else if (event.key === ' ') onCheck(active);
    else if (event.key !== 'ArrowRight') return;
    event.preventDefault();
  };
  // The bar rounds: within a pixel the way is the one that was asked for.
  const handleScroll = (): void => {
    const now = scroller.current?.scrollTop ?? 0;
    setTop((before) => (Math.abs(before - now) < 1 ? before : now));
  };
  return {
    scroller,
    sight,
    active,
    setActive,
    indices: drawn(sight, active, count),
    handleScroll,
    handleKey,
  };
}

/** Those in sight and some around them; the row that has the focus stays, else the keyboard would begin anew. */
function drawn(
  { first, last }: Readonly<{ first: number; last: number }>,
  active: number,
  count: number,
): readonly number[] {
  const from = Math.max(0, first - spareRows);
  const to = Math.min(count - 1, last + spareRows);
  const indices = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  if (count === 0 || (active >= from && active <= to)) return indices;
  return active < from ? [active, ...indices] : [...indices, active];
}
