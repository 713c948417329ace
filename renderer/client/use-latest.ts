import { type RefObject, useEffect, useRef } from 'react';

/** The value of the newest drawing, for whoever goes on while drawings come and go. */
export function useLatest<Value>(value: Value): RefObject<Value> {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  }, [value]);
  return latest;
}
