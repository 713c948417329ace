import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { ChunkWriter } from '../../chunks/chunk-store.ts';
import { chunkIdBytes } from '../../chunks/chunk-store.ts';
import type { Listing } from '../../listing/listing.ts';
import type { ChunkTableData } from '../../listing/root-codec.ts';
import type { PreviousFacts } from '../thread/capture-messages.ts';

/** Chunks asked for in one turn of the event loop. */
const idsPerTurn = 65_536;
/** A table with fewer numbers is never packed. */
const smallestPacked = 256;

/** The chunk table that a capture begins with. */
export type FirstTable = Readonly<{ ids: Uint8Array; lengths: Uint32Array }>;

export type Beginning = Readonly<{ table: FirstTable; previous: PreviousFacts | undefined }>;

/** For a listing of this very run: its chunks stand in packs that are being built, and its run fails when one cannot be. */
export const knowsAll: Pick<ChunkWriter, 'knows'> = {
  knows: (ids) => new Uint8Array(ids.length / chunkIdBytes).fill(1),
};

/** What the capture takes from the listing before: its numbers go on, packed anew when more than half of them are unused. */
export async function beginFrom(
  listing: Listing | undefined,
  writer: Pick<ChunkWriter, 'knows'>,
): Promise<Beginning> {
  if (listing === undefined) {
    return { table: { ids: new Uint8Array(), lengths: new Uint32Array() }, previous: undefined };
  }
  const { table, blocks, bytes } = listing.data;
  const renumbered = renumber(table);
  const previous = {
    lengths: table.lengths,
    used: table.used,
    usable: await findUsable(table.ids, writer),
    renumbered,
    blocks: Uint32Array.from(blocks, (block) => block.entries),
    bytes,
  };
  return { table: renumbered === undefined ? table : packed(table, renumbered), previous };
}

async function findUsable(ids: Uint8Array, writer: Pick<ChunkWriter, 'knows'>): Promise<Uint8Array> {
  const usable = new Uint8Array(ids.length / chunkIdBytes);
  for (let first = 0; first < usable.length; first += idsPerTurn) {
    const slice = ids.subarray(first * chunkIdBytes, (first + idsPerTurn) * chunkIdBytes);
    usable.set(writer.knows(slice), first);
    await yieldToOthers();
  }
  return usable;
}

function renumber(table: ChunkTableData): Int32Array | undefined {
  const used = table.lengths.reduce((sum, length) => sum + (length === 0 ? 0 : 1), 0);
  if (table.count < smallestPacked || used * 2 >= table.count) {
    return undefined;
  }
  let next = -1;
  return Int32Array.from(table.lengths, (length) => {
    next += length === 0 ? 0 : 1;
    return length === 0 ? -1 : next;
  });
}

function packed(table: ChunkTableData, renumbered: Int32Array): FirstTable {
  const numbers = [...renumbered.keys()].filter((old) => renumbered[old] !== -1);
  const ids = new Uint8Array(numbers.length * chunkIdBytes);
  numbers.forEach((old, number) => {
    ids.set(table.ids.subarray(old * chunkIdBytes, (old + 1) * chunkIdBytes), number * chunkIdBytes);
  });
  return { ids, lengths: Uint32Array.from(numbers, (old) => table.lengths[old] ?? 0) };
}
