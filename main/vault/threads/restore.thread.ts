import { parentPort } from 'node:worker_threads';
import { beginNativeThread } from '../../platform/native-thread.ts';
import { runTreeThread } from '../restore/tree-worker.ts';
import type { TreeJob } from '../restore/tree-thread.ts';

if (parentPort === null) {
  throw new Error('This file runs in a worker thread only');
}
// The one who starts this thread is TreeThread, which gives it a job.
runTreeThread(parentPort, beginNativeThread() as TreeJob);
