import { AppError } from '../../../shared/lib/app-error.ts';
import type { OpenReply, OpenRequest } from '../threads/open-messages.ts';
import type { ChunkSealer } from './chunk-sealing.ts';
import { inOwnMemory } from './own-memory.ts';

/** Opens the chunks of one range of a pack. Damaged ones are left out, so that the others are of use. */
export function openChunks(sealer: ChunkSealer, { buffer, items, checks }: OpenRequest): OpenReply {
  return items.map(({ offset, chunk }) => {
    const sealed = new Uint8Array(buffer, offset, chunk.sealedLength);
    try {
      return inOwnMemory(sealer.open(sealed, chunk, checks));
    } catch (error) {
      if (error instanceof AppError && error.kind === 'damaged') {
        return undefined;
      }
      throw error;
    }
  });
}
