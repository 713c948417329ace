import { parentPort, workerData } from 'node:worker_threads';
import { beginNativeThread } from '../../../main/platform/native-thread.ts';
import { libcProblem } from '../../../main/platform/libc.ts';

// Waits at a gate before it loads the C library, says that it went through, then answers with what it was given.
const { gate } = (workerData as Readonly<{ data: Readonly<{ gate: Int32Array }> }>).data;
Atomics.wait(gate, 0, 0);
Atomics.store(gate, 1, 1);
parentPort?.postMessage({ given: beginNativeThread(), problem: libcProblem() });
