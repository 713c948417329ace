import { parentPort, workerData } from 'node:worker_threads';
import { assertNever } from '../../../shared/lib/assert-never.ts';
import { giveWay } from '../../platform/thread-priority.ts';
import { BatchSealer } from '../chunks/batch-sealer.ts';
import type { SealSettings } from '../chunks/batch-sealer.ts';
import type { SealEvent, SealReply, SealRequest } from './seal-messages.ts';
import type { ThreadAnswer, ThreadCall } from './thread-calls.ts';

if (parentPort === null) {
  throw new Error('this file runs as a worker thread');
}
const port = parentPort;
// Sealing takes every core there is. Threads that read files do not give way: agents may be frozen meanwhile.
giveWay();

function post(answer: ThreadAnswer<SealReply, SealEvent>): void {
  port.postMessage(answer);
}

// The settings come from the sealing pool, which types them.
const sealer = new BatchSealer(workerData as SealSettings, (pack) => {
  post({ kind: 'event', event: { kind: 'pack', pack } });
});

port.on('message', ({ call, request }: ThreadCall<SealRequest>) => {
  post({ kind: 'reply', call, reply: answerTo(request) });
});

function answerTo(request: SealRequest): SealReply {
  switch (request.kind) {
    case 'identify':
      return { kind: 'identified', ids: sealer.identify(request.number, request.batch) };
    case 'seal':
      return { kind: 'sealed', storedBytes: sealer.seal(request.number, request.wanted) };
    case 'finish':
      sealer.finish();
      return { kind: 'done' };
    case 'reuse':
      sealer.reuse(request.body);
      return { kind: 'done' };
    default:
      return assertNever(request);
  }
}
