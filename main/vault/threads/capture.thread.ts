import { parentPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { beginNativeThread } from '../../platform/native-thread.ts';
import { runAccess } from '../capture/access/access-run.ts';
import { runKeep } from '../capture/access/keep-run.ts';
import type { CaptureStart, ThreadTask } from '../capture/thread/capture-messages.ts';
import { runCapture } from '../capture/capture-run.ts';
import { runSelect } from '../capture/select/select-run.ts';

// Before there is a task: the thread may be started ahead.
beginNativeThread();

// ThreadRun sends nothing else.
parentPort?.on('message', ({ task, port }: CaptureStart) => {
  run(task, port);
  port.close();
});

function run(task: ThreadTask, port: MessagePort): void {
  switch (task.kind) {
    case 'capture':
      runCapture(task, port);
      break;
    case 'select':
      runSelect(task, port);
      break;
    case 'list':
    case 'send':
      runAccess(task, port);
      break;
    case 'keep':
      runKeep(task, port);
      break;
    case 'warm':
      port.postMessage({ type: 'done' });
      break;
  }
}
