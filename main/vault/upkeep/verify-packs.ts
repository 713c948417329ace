import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { packName } from '../chunks/pack-footer.ts';
import { isLost } from '../index/pack-table.ts';
import type { DamageReport } from './damage-report.ts';
import type { PackCheck, PackInventory } from './pack-inventory.ts';

/**
 * Which packs are read: none, all, or one of `parts` equal shares, by their ids, so that a rotation comes round to all; and some
 * more, since few packs leave many shares empty.
 */
export type PackShare =
  | 'none'
  | 'all'
  | Readonly<{ part: number; parts: number; also: ReadonlySet<string>; after: string }>;

/** Copies of chunks that do not open, by pack. */
export class DamagedCopies {
  readonly #packsOfChunk = new Map<string, Set<string>>();

  add(packId: string, chunks: Iterable<Uint8Array>): void {
    for (const chunk of chunks) {
      const key = keyOf(chunk);
      const packs = this.#packsOfChunk.get(key) ?? new Set();
      this.#packsOfChunk.set(key, packs.add(packId));
    }
  }

  get isEmpty(): boolean {
    return this.#packsOfChunk.size === 0;
  }

  has(chunk: Uint8Array, packId: string): boolean {
    return this.#packsOfChunk.get(keyOf(chunk))?.has(packId) ?? false;
  }

  chunks(): readonly Uint8Array[] {
    return Array.from(this.#packsOfChunk.keys(), (key) => Buffer.from(key, 'latin1'));
  }
}

export type PacksVerified = Readonly<{
  checkedBytes: number;
  /** Packs that were read and are right in every byte. */
  sound: ReadonlySet<string>;
  damaged: ReadonlySet<string>;
  /** Marked to be deleted and gone: a collecting that is under way, or was cut off, has not told the index yet. */
  collected: ReadonlySet<string>;
  copies: DamagedCopies;
  /** The signal ended it before all was read; the rest holds for what was. */
  isCut: boolean;
}>;

type Request = Readonly<{
  inventory: PackInventory;
  doomed: ReadonlySet<string>;
  report: DamageReport;
  share: PackShare;
  /** Only these packs; all when undefined. */
  only: ReadonlySet<string> | undefined;
  signal: AbortSignal;
  /** Told after each pack, of those that are to be read. */
  onProgress: (doneBytes: number, totalBytes: number) => void;
  /** A pack of a share was read. */
  onPack: (packId: string) => void;
}>;

/** Packs that are away or cut off are always found; the others are read as far as `share` says, in the order of their ids. */
export async function verifyPacks(request: Request): Promise<PacksVerified> {
  const { inventory, report, share, signal, only } = request;
  const sound = new Set<string>();
  const damaged = new Set<string>();
  const collected = new Set<string>();
  const copies = new DamagedCopies();
  let checkedBytes = 0;
  const known = { sound, damaged, collected, copies };
  const wanted = inventory
    .packs()
    .filter(({ id, state }) => only?.has(id) !== false && (isLost(state) || isInShare(id, share)))
    .toSorted(byId);
  const totalBytes = wanted.reduce((sum, { size }) => sum + size, 0);
  let doneBytes = 0;
  for (const { id, state, size } of wanted) {
    doneBytes += size;
    if (signal.aborted) return { checkedBytes, ...known, isCut: true };
    if (state === 'missing' && request.doomed.has(id)) {
      collected.add(id);
      // Not damaged, but of no use to whoever needs it after all.
      copies.add(id, inventory.chunksIn(id));
      continue;
    }
    const check = await checkOne(inventory, id, signal);
    if (check === undefined) return { checkedBytes, ...known, isCut: true };
    checkedBytes += check.bytes;
    request.onProgress(doneBytes, totalBytes);
    copies.add(id, check.damagedChunks);
    if (check.problem === undefined && check.damagedChunks.length === 0) sound.add(id);
    else {
      damaged.add(id);
      report.add(packName(id), `A pack is damaged: ${check.problem ?? 'it holds chunks that do not open'}.`);
    }
    if (!isLost(state)) request.onPack(id);
  }
  return { checkedBytes, ...known, isCut: false };
}

function byId({ id: left }: Readonly<{ id: string }>, { id: right }: Readonly<{ id: string }>): number {
  return left < right ? -1 : Number(left > right);
}

/** A pack that the disk cannot give back is as lost to a restore as one that has changed. Undefined: the signal cut it off. */
async function checkOne(
  inventory: PackInventory,
  packId: string,
  signal: AbortSignal,
): Promise<PackCheck | undefined> {
  try {
    return await inventory.checkPack(packId, signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    const isOfPack = error instanceof AppError && (error.kind === 'failed' || error.kind === 'damaged');
    if (!isOfPack) throw error;
    return { packId, bytes: 0, problem: messageOf(error), damagedChunks: inventory.chunksIn(packId) };
  }
}

function isInShare(packId: string, share: PackShare): boolean {
  if (share === 'none' || share === 'all') return share === 'all';
  if (packId <= share.after) return false;
  return share.also.has(packId) || shareOf(packId, share.parts) === share.part % share.parts;
}

/** The share that a pack belongs to, as long as it is there. */
export function shareOf(packId: string, parts: number): number {
  return Number.parseInt(packId.slice(0, 8), 16) % parts;
}

function keyOf(chunk: Uint8Array): string {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
}
