import { createCipheriv, hash } from 'node:crypto';
import { KeyRing } from '../../main/vault/keys/key-ring.ts';
import { BatchSealer } from '../../main/vault/chunks/batch-sealer.ts';
import type { ChunkBatch, ChunkClass } from '../../main/vault/chunks/chunk-store.ts';
import { chunkIdBytes } from '../../main/vault/chunks/chunk-store.ts';
import type { BuiltPack } from '../../main/vault/chunks/pack-builder.ts';
import { packName } from '../../main/vault/chunks/pack-footer.ts';
import { ChunkIndex } from '../../main/vault/index/chunk-index.ts';
import { IndexStore } from '../../main/vault/index/index-store.ts';
import type { Storage } from '../../main/storage/storage.ts';

/** A ring of `generations` master keys that are the same in every test. */
export function testRing(generations = 1): KeyRing {
  const masters = Array.from({ length: generations }, (_, index) => ({
    generation: index + 1,
    created: '2026-01-01T00:00:00.000Z',
    key: new Uint8Array(32).fill(index + 1),
  }));
  return new KeyRing('00112233445566778899aabbccddeeff', masters);
}

/** `length` bytes that no compression shrinks, the same for the same seed. */
export function noise(length: number, seed: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, `seed ${seed}`), Buffer.alloc(16)).update(
    Buffer.alloc(length),
  );
}

/** One hash each: comparing large buffers byte by byte takes a test library seconds. */
export function digests(chunks: readonly Uint8Array[]): readonly string[] {
  return chunks.map((chunk) => hash('sha256', chunk));
}

/** `length` bytes of words, which compression shrinks well. */
export function text(length: number, seed: number): Buffer {
  return Buffer.alloc(
    length,
    `line ${seed} of a text that says the same again and again, number ${seed * 7}\n`,
  );
}

/** Chunks back to back, as a batch wants them. */
export function batchOf(
  chunks: readonly Uint8Array[],
  options: Readonly<{ class?: ChunkClass; compress?: boolean }> = {},
): ChunkBatch {
  const joined = new Uint8Array(new SharedArrayBuffer(chunks.reduce((sum, chunk) => sum + chunk.length, 0)));
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  const { class: chunkClass = 'data', compress = true } = options;
  return { class: chunkClass, buffer: joined.buffer, lengths: chunks.map((chunk) => chunk.length), compress };
}

export function idsIn(ids: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: ids.length / chunkIdBytes }, (_, number) =>
    ids.slice(number * chunkIdBytes, (number + 1) * chunkIdBytes),
  );
}

export type PackOptions = Readonly<{
  ring?: KeyRing;
  writerGeneration?: number;
  class?: ChunkClass;
  compress?: boolean;
}>;

/** The packs that hold these chunks, and the ids of the chunks. */
export function packsOf(
  chunks: readonly Uint8Array[],
  options: PackOptions = {},
): Readonly<{ packs: readonly BuiltPack[]; ids: readonly Uint8Array[] }> {
  const ring = options.ring ?? testRing();
  const packs: BuiltPack[] = [];
  const settings = { keys: ring.threadKeys, objectKeys: ring.objectKeys, level: 1 };
  const sealer = new BatchSealer({ ...settings, writerGeneration: options.writerGeneration ?? 1 }, (pack) => {
    packs.push(pack);
  });
  const ids = idsIn(sealer.identify(1, batchOf(chunks, options)));
  sealer.seal(1, new Uint8Array(chunks.length).fill(1));
  sealer.finish();
  return { packs, ids };
}

export function packBytes(pack: BuiltPack): Buffer {
  return Buffer.concat([new Uint8Array(pack.body, 0, pack.bodyLength), pack.tail]);
}

/** Puts one pack with these chunks into a storage. */
export async function putPack(
  storage: Storage,
  chunks: readonly Uint8Array[],
  options: PackOptions = {},
): Promise<Readonly<{ id: string; size: number; record: BuiltPack['record']; ids: readonly Uint8Array[] }>> {
  const { packs, ids } = packsOf(chunks, options);
  const [pack, ...more] = packs;
  if (pack === undefined || more.length > 0) throw new Error(`the chunks fill ${packs.length} packs`);
  const bytes = packBytes(pack);
  await storage.put(packName(pack.id), [bytes]);
  return { id: pack.id, size: bytes.length, record: pack.record, ids };
}

/** An index with its store, as a vault that was just opened has them. */
export function newIndex(
  storage: Storage,
  ring = testRing(),
): Readonly<{ storage: Storage; index: ChunkIndex; indexStore: IndexStore }> {
  const index = new ChunkIndex();
  return { storage, index, indexStore: new IndexStore({ storage, keys: () => ring.objectKeys, index }) };
}
