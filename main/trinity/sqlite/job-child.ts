import { type MessageChild, ownProcesses } from '../../platform/own-processes.ts';
import { threadEntry } from '../../platform/thread-entry.ts';

/** A child that was started before there was a job for it. */
let waiting: MessageChild | undefined;

/** A child process that does one job and ends; `entry` is that of another kind of child. */
export function takeJobChild(entry?: URL): MessageChild {
  if (entry !== undefined || waiting === undefined) return start(entry);
  const child = waiting;
  waiting = undefined;
  child.hold(true);
  return child;
}

/** Starts the child of the next job now, since that takes longer than most jobs. Ends it when disposed, if no job came. */
export function startJobChildAhead(): Disposable {
  const child = waiting ?? start();
  if (waiting === undefined) {
    waiting = child;
    child.hold(false);
    void forgetWhenGone(child);
  }
  return {
    [Symbol.dispose]: () => {
      if (waiting !== child) return;
      waiting = undefined;
      child.kill();
    },
  };
}

async function forgetWhenGone(child: MessageChild): Promise<void> {
  await child.gone;
  if (waiting === child) waiting = undefined;
}

function start(entry = threadEntry(import.meta.url, './sqlite.child.ts')): MessageChild {
  return ownProcesses().startChild(entry);
}
