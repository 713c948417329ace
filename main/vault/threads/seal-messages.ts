import type { ChunkBatch } from '../chunks/chunk-store.ts';
import type { BuiltPack } from '../chunks/pack-builder.ts';

export type SealRequest =
  | Readonly<{ kind: 'identify'; number: number; batch: ChunkBatch }>
  | Readonly<{ kind: 'seal'; number: number; wanted: Uint8Array }>
  | Readonly<{ kind: 'finish' }>
  | Readonly<{ kind: 'reuse'; body: SharedArrayBuffer }>;

export type SealReply =
  | Readonly<{ kind: 'identified'; ids: Uint8Array }>
  | Readonly<{ kind: 'sealed'; storedBytes: number }>
  | Readonly<{ kind: 'done' }>;

/** A pack is full or finished; its body comes back with `reuse`. */
export type SealEvent = Readonly<{ kind: 'pack'; pack: BuiltPack }>;
