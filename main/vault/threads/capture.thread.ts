import { parentPort } from 'node:worker_threads';
import type { CaptureStart } from '../capture/capture-messages.ts';
import { runCapture } from '../capture/capture-run.ts';

// CaptureHost sends nothing else.
parentPort?.on('message', ({ task, port }: CaptureStart) => {
  runCapture(task, port);
  port.close();
});
