import { type RefObject, useCallback, useEffect, useRef } from 'react';

/** Puts the focus on the active row when a key has moved to it, as soon as that row is drawn. What it returns is told whether one has. */
export function useMovedFocus(
  scroller: RefObject<HTMLElement | null>,
  active: number,
): (isMoving: boolean) => void {
  const moving = useRef(false);
  useEffect(() => {
    if (!moving.current) return;
    moving.current = false;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${String(active)}"]`);
    row?.focus({ preventScroll: true });
  }, [scroller, active]);
  return useCallback((isMoving) => (moving.current = isMoving), []);
}
