import { fork, type ChildProcess } from 'node:child_process';
import { threadEntry } from '../../platform/thread-entry.ts';

/** A child that was started before there was a job for it. */
let waiting: ChildProcess | undefined;

/** A child process that does one job and ends; `entry` is that of another kind of child. */
export function takeJobChild(entry?: URL): ChildProcess {
  if (entry !== undefined || waiting === undefined) return start(entry);
  const child = waiting;
  waiting = undefined;
  child.removeAllListeners();
  child.ref();
  child.channel?.ref();
  return child;
}

/** Starts the child of the next job now, since that takes longer than most jobs. Ends it when disposed, if no job came. */
export function startJobChildAhead(): Disposable {
  const child = waiting ?? start();
  if (waiting === undefined) {
    waiting = child;
    const forget = (): void => {
      if (waiting === child) waiting = undefined;
    };
    child.on('exit', forget);
    child.on('error', forget);
    child.unref();
    child.channel?.unref();
  }
  return {
    [Symbol.dispose]: () => {
      if (waiting !== child) return;
      waiting = undefined;
      child.kill('SIGKILL');
    },
  };
}

function start(entry = threadEntry(import.meta.url, './sqlite.child.ts')): ChildProcess {
  // No secret of ours stands in its environment, and nothing of the job in its command line.
  return fork(entry, [], { env: {}, execArgv: [], stdio: 'ignore' });
}
