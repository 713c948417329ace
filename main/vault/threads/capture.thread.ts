import { parentPort, workerData } from 'node:worker_threads';
import type { CaptureTask } from '../capture/capture-messages.ts';
import { runCapture } from '../capture/capture-run.ts';

if (parentPort !== null) {
  // CaptureHost gives nothing else.
  runCapture(workerData as CaptureTask, parentPort);
}
