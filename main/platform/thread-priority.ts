import { constants, getPriority, setPriority } from 'node:os';

/**
 * Lets this thread give way to all others that want the processor: to the main thread, and to the pages of the desktop application. It
 * cannot take it back. Nothing happens where only whole processes have a priority.
 */
export function giveWay(): void {
  // 0 is the calling thread on Linux alone.
  if (process.platform !== 'linux') return;
  const wanted = constants.priority.PRIORITY_BELOW_NORMAL;
  if (getPriority(0) < wanted) setPriority(0, wanted);
}
