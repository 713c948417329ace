import type { FromApplication, ToApplication } from './messages.ts';

type Listener = (message: ToApplication) => void;

const listeners = new Set<Listener>();

/** To the driver. One that is gone hears nothing. */
export function say(message: FromApplication): void {
  if (process.connected) process.send?.(message);
}

/** From the driver. */
export function listen(listener: Listener): void {
  listeners.add(listener);
}

process.on('message', (message: ToApplication) => {
  for (const listener of listeners) listener(message);
});
// The application ends with whoever drives it.
process.on('disconnect', () => process.exit(70));

let last = 0;

/** An id that nothing else in this process has. */
export function nextId(): number {
  last += 1;
  return last;
}
