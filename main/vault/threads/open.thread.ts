import { parentPort, workerData } from 'node:worker_threads';
import { openChunks } from '../chunks/chunk-opening.ts';
import { ChunkSealer } from '../chunks/chunk-sealing.ts';
import { releaseMemory } from '../chunks/release-memory.ts';
import type { ThreadKeys } from '../keys/thread-keys.ts';
import type { OpenReply, OpenRequest } from './open-messages.ts';
import type { ThreadAnswer, ThreadCall } from './thread-calls.ts';

if (parentPort === null) {
  throw new Error('this file runs as a worker thread');
}
const port = parentPort;
// The keys come from the opening pool, which types them.
const sealer = new ChunkSealer(workerData as ThreadKeys);

port.on('message', ({ call, request }: ThreadCall<OpenRequest>) => {
  const reply = openChunks(sealer, request);
  releaseMemory(new Uint8Array(request.buffer));
  const answer: ThreadAnswer<OpenReply, never> = { kind: 'reply', call, reply };
  port.postMessage(
    answer,
    reply.flatMap((plaintext) => (plaintext === undefined ? [] : [plaintext.buffer])),
  );
});
