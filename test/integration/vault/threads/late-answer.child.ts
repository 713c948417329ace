import { Worker } from 'node:worker_threads';
import { ThreadCalls } from '../../../../main/vault/threads/thread-calls.ts';

// Ends a thread whose last answer is on its way and has not been taken yet, while nothing else keeps the process alive.
const answered = new Int32Array(new SharedArrayBuffer(4));
const answering = `
  const { parentPort, workerData } = require('node:worker_threads');
  parentPort.on('message', ({ call }) => {
    parentPort.postMessage({ kind: 'reply', call, reply: 'late' });
    Atomics.store(workerData, 0, 1);
    Atomics.notify(workerData, 0);
  });
`;
const calls = new ThreadCalls<string, string>(
  new Worker(answering, { eval: true, workerData: answered }),
  {},
);
const reply = calls.call('question');
Atomics.wait(answered, 0, 0);
await calls[Symbol.asyncDispose]();
process.stdout.write(`${await reply}, ended\n`);
