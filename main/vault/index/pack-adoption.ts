import { AppError } from '../../../shared/lib/app-error.ts';
import type { Storage } from '../../storage/storage.ts';
import { readPackFooter } from '../chunks/pack-footer.ts';
import { openObject } from '../format/sealed-object.ts';
import type { ObjectKeys } from '../format/sealed-object.ts';
import type { RecordedPack } from './index-object.ts';
import type { IndexNote } from './index-notes.ts';

type Request = Readonly<{
  storage: Storage;
  keys: ObjectKeys;
  packs: readonly Readonly<{ id: string; size: number }>[];
  signal: AbortSignal | undefined;
}>;

const atOnce = 8;

/** Reads what packs hold from their footers. One that cannot be read is named in a note and left alone. */
export async function adoptPacks(
  request: Request,
): Promise<Readonly<{ packs: readonly RecordedPack[]; notes: readonly IndexNote[] }>> {
  const { storage, keys, signal } = request;
  const packs: RecordedPack[] = [];
  const notes: IndexNote[] = [];
  const queue = [...request.packs];
  const openFooter = (objectId: string, sealed: Buffer): Buffer =>
    openObject({ keys, type: 'footer', objectId }, sealed);
  const readNext = async (): Promise<void> => {
    for (let pack = queue.shift(); pack !== undefined; pack = queue.shift()) {
      try {
        // Several of these loops run at once.
        const record = await readPackFooter(
          storage,
          pack,
          openFooter,
          signal === undefined ? {} : { signal },
        );
        packs.push({ ...pack, record });
      } catch (error) {
        if (!(error instanceof AppError && (error.kind === 'damaged' || error.kind === 'not-found'))) {
          throw error;
        }
        notes.push({
          code: 'pack-damaged',
          message: 'A pack cannot be read and is left alone.',
          object: pack.id,
        });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, readNext));
  return { packs, notes };
}
