import { Worker } from 'node:worker_threads';
import { threadEntry } from '../../platform/thread-entry.ts';

/** The walk makes much that dies young: with the default V8 lets much of it lie about. */
const youngHeapMb = 12;
/** How long a thread waits for the next source: starting one costs more than walking a small source. */
const idleMs = 5000;
/** As many as work on one tree at a time: one lists or sends, one takes that in. */
const mostIdle = 2;

type IdleThread = Readonly<{ worker: Worker; timer: NodeJS.Timeout }>;

/** Threads that wait for their next run; they do not keep the process alive. */
const idle: IdleThread[] = [];

/** Starts the thread of the next run, which takes longer than walking a small source, while other things are done. */
export function startCaptureThreadAhead(): void {
  if (idle.length === 0) {
    keepIdle(start());
  }
}

/** A thread that runs nothing: give it back when its run has ended well, terminate it otherwise. */
export function takeCaptureThread(): Worker {
  const waiting = idle.pop();
  if (waiting === undefined) {
    return start();
  }
  const { worker, timer } = waiting;
  clearTimeout(timer);
  worker.removeAllListeners();
  worker.ref();
  return worker;
}

/** Keeps a thread for a while, unless enough wait already. */
export async function giveCaptureThreadBack(worker: Worker): Promise<void> {
  worker.removeAllListeners();
  if (idle.length === mostIdle) {
    await worker.terminate();
    return;
  }
  keepIdle(worker);
}

function start(): Worker {
  return new Worker(threadEntry(import.meta.url, '../threads/capture.thread.ts'), {
    resourceLimits: { maxYoungGenerationSizeMb: youngHeapMb },
    name: 'capture',
  });
}

function keepIdle(worker: Worker): void {
  const forget = (): void => {
    const index = idle.findIndex((thread) => thread.worker === worker);
    if (index >= 0) {
      clearTimeout(idle[index]?.timer);
      idle.splice(index, 1);
    }
  };
  const end = (): void => {
    forget();
    void worker.terminate();
  };
  worker.on('error', forget);
  worker.on('exit', forget);
  worker.unref();
  idle.push({ worker, timer: setTimeout(end, idleMs).unref() });
}
