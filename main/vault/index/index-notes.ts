import type { Storage } from '../../storage/storage.ts';
import { packIdOf, packName } from '../chunks/pack-footer.ts';
import type { ChunkIndex } from './chunk-index.ts';
import { isLost } from './pack-table.ts';
import type { IndexedPack, PackLoss } from './pack-table.ts';

/** What had to be passed over while the index was loaded, in plain words. */
export type IndexNote = Readonly<{
  code: 'index-damaged' | 'pack-damaged' | 'pack-missing';
  message: string;
  object: string;
}>;

/** Sizes of the packs that are there, by their ids. */
export async function listPacks(
  storage: Storage,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  for await (const { name, size } of storage.list('packs/', signal === undefined ? {} : { signal })) {
    const id = packIdOf(name);
    if (id !== undefined) {
      sizes.set(id, size);
    }
  }
  return sizes;
}

/** Packs of the index that are gone or have another size; those that are back count again. */
export function markMissing(
  index: ChunkIndex,
  packs: readonly IndexedPack[],
  sizes: ReadonlyMap<string, number>,
): readonly IndexNote[] {
  const notes: IndexNote[] = [];
  for (const { id, size, state } of packs) {
    const loss = lossOf(size, sizes.get(id));
    if (loss !== (isLost(state) ? state : undefined)) {
      index.setLost(id, loss);
    }
    // A doomed one that is gone was collected.
    if (loss !== undefined && (state === 'present' || (state === 'doomed' && loss === 'altered'))) {
      const message =
        'A pack is missing or cut off; what it held is stored anew as far as its source is still there.';
      notes.push({ code: 'pack-missing', message, object: packName(id) });
    }
  }
  return notes;
}

function lossOf(size: number, found: number | undefined): PackLoss | undefined {
  if (found === undefined) {
    return 'missing';
  }
  return found === size ? undefined : 'altered';
}

export function damagedNote(name: string): IndexNote {
  const message = 'A part of the index was damaged; it was read from the packs instead.';
  return { code: 'index-damaged', message, object: `index/${name}` };
}
