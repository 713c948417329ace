import { AppError } from '../../../shared/lib/app-error.ts';
import type { OpenReply, OpenRequest } from '../threads/open-messages.ts';
import { releaseMemory } from './release-memory.ts';
import type { ChunkSealer } from './chunk-sealing.ts';

/** Opens the chunks of one range of a pack. Damaged ones are told by their length, so that the others are of use. */
export function openChunks(sealer: ChunkSealer, request: OpenRequest): OpenReply {
  const room = request.items.reduce((sum, { chunk }) => sum + chunk.rawLength, 0);
  const plaintexts = new Uint8Array(room);
  const lengths: number[] = [];
  let end = 0;
  for (const { offset, chunk } of request.items) {
    const sealed = new Uint8Array(request.buffer, offset, chunk.sealedLength);
    const plaintext = openOrUndefined(sealer, sealed, chunk);
    if (plaintext === undefined) {
      lengths.push(-1);
    } else {
      plaintexts.set(plaintext, end);
      lengths.push(plaintext.length);
      end += plaintext.length;
      releaseMemory(plaintext);
    }
  }
  return { buffer: plaintexts.buffer, lengths };
}

function openOrUndefined(
  sealer: ChunkSealer,
  sealed: Uint8Array,
  chunk: OpenRequest['items'][number]['chunk'],
): Uint8Array | undefined {
  try {
    return sealer.open(sealed, chunk);
  } catch (error) {
    if (error instanceof AppError && error.kind === 'damaged') {
      return undefined;
    }
    throw error;
  }
}
