import { Worker } from 'node:worker_threads';
import { threadEntry } from '../../platform/thread-entry.ts';

/** The walk makes much that dies young: with the default V8 lets much of it lie about. */
const youngHeapMb = 12;
/** How long a thread waits for the next source: starting one costs more than walking a small source. */
const idleMs = 5000;

type IdleThread = Readonly<{ worker: Worker; timer: NodeJS.Timeout }>;

/** At most one thread waits for its next run; it does not keep the process alive. */
let idle: IdleThread | undefined;

/** A thread that runs nothing: give it back when its run has ended well, terminate it otherwise. */
export function takeCaptureThread(): Worker {
  if (idle === undefined) {
    return new Worker(threadEntry(import.meta.url, '../threads/capture.thread.ts'), {
      resourceLimits: { maxYoungGenerationSizeMb: youngHeapMb },
      name: 'capture',
    });
  }
  const { worker, timer } = idle;
  idle = undefined;
  clearTimeout(timer);
  worker.removeAllListeners();
  worker.ref();
  return worker;
}

/** Keeps a thread for a while, unless another one waits already. */
export async function giveCaptureThreadBack(worker: Worker): Promise<void> {
  worker.removeAllListeners();
  if (idle !== undefined) {
    await worker.terminate();
    return;
  }
  const forget = (): void => {
    if (idle?.worker === worker) {
      clearTimeout(idle.timer);
      idle = undefined;
    }
  };
  const end = (): void => {
    forget();
    void worker.terminate();
  };
  worker.on('error', forget);
  worker.on('exit', forget);
  worker.unref();
  idle = { worker, timer: setTimeout(end, idleMs).unref() };
}
