import { NativeThread } from '../../../platform/native-thread.ts';
import { threadEntry } from '../../../platform/thread-entry.ts';

/** The walk makes much that dies young: with the default V8 lets much of it lie about. */
const youngHeapMb = 12;
/** How long a thread waits for the next source: starting one costs more than walking a small source. */
const idleMs = 5000;
/** As many as work on one tree at a time: one lists or sends, one takes that in. */
const mostIdle = 2;

type IdleThread = Readonly<{ thread: NativeThread; timer: NodeJS.Timeout }>;

/** Threads that wait for their next run; they do not keep the process alive. */
const idle: IdleThread[] = [];

/** Starts the thread of the next run, which takes longer than walking a small source, while other things are done. */
export function startCaptureThreadAhead(): void {
  if (idle.length === 0) {
    const thread = start();
    keepIdle(thread);
    // The end of the process ends it too.
    void thread.loaded();
  }
}

/** A thread that runs nothing: give it back when its run has ended well, end it otherwise. */
export function takeCaptureThread(): NativeThread {
  const waiting = idle.pop();
  if (waiting === undefined) {
    return start();
  }
  const { thread, timer } = waiting;
  clearTimeout(timer);
  thread.worker.removeAllListeners();
  thread.worker.ref();
  return thread;
}

/** Keeps a thread for a while, unless enough wait already. */
export async function giveCaptureThreadBack(thread: NativeThread): Promise<void> {
  thread.worker.removeAllListeners();
  if (idle.length === mostIdle) {
    await thread.end();
    return;
  }
  keepIdle(thread);
}

function start(): NativeThread {
  return new NativeThread(threadEntry(import.meta.url, '../../threads/capture.thread.ts'), {
    resourceLimits: { maxYoungGenerationSizeMb: youngHeapMb },
    name: 'capture',
  });
}

function keepIdle(thread: NativeThread): void {
  const { worker } = thread;
  const forget = (): void => {
    const index = idle.findIndex((each) => each.thread === thread);
    if (index >= 0) {
      clearTimeout(idle[index]?.timer);
      idle.splice(index, 1);
    }
  };
  const end = (): void => {
    forget();
    void thread.end();
  };
  worker.on('error', forget);
  worker.on('exit', forget);
  worker.unref();
  idle.push({ thread, timer: setTimeout(end, idleMs).unref() });
}
