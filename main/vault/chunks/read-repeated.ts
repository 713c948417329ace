import type { ChunkReader } from './chunk-store.ts';

/** A piece that neighbours share is kept with each: at most 64 MiB. */
const mostKept = 16;

/**
 * What `reader.readMany(ids)` yields, for ids that come again and again, as those of small files in one chunk and of strewn pages do:
 * a chunk among the last few used is not read anew. Ends early only when the reader does.
 */
export async function* readRepeated(
  reader: ChunkReader,
  ids: readonly Uint8Array[],
): AsyncGenerator<Buffer, void> {
  const chunks = reader.readMany(missingOf(ids))[Symbol.asyncIterator]();
  const kept = new Map<string, Buffer>();
  try {
    for (const id of ids) {
      const key = keyOf(id);
      let chunk = kept.get(key);
      if (chunk === undefined) {
        const next = await chunks.next();
        if (next.done === true) return;
        chunk = next.value;
      }
      keep(kept, key, chunk);
      yield chunk;
    }
  } finally {
    await chunks.return?.();
  }
}

/** The ids that are not among the kept ones when their turn comes: the same decisions, taken ahead for the reader. */
function* missingOf(ids: readonly Uint8Array[]): Generator<Uint8Array> {
  const kept = new Map<string, true>();
  for (const id of ids) {
    const key = keyOf(id);
    const isKept = kept.has(key);
    keep(kept, key, true);
    if (!isKept) yield id;
  }
}

/** Makes it the youngest; the oldest goes. */
function keep<T>(kept: Map<string, T>, key: string, value: T): void {
  kept.delete(key);
  kept.set(key, value);
  if (kept.size <= mostKept) return;
  for (const oldest of kept.keys()) {
    kept.delete(oldest);
    return;
  }
}

function keyOf(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1');
}
