import { AppError } from '../../../shared/lib/app-error.ts';
import { cannotBeWritten } from '../../storage/storage-error.ts';
import { chunkIdBytes } from '../chunks/chunk-store.ts';
import { maxPackBytes, packName, recordInPack } from '../chunks/pack-footer.ts';
import { packIdOfBytes } from '../chunks/pack-hash.ts';
import type { PackRecord } from '../chunks/pack-record.ts';
import { openObject } from '../format/sealed-object.ts';
import type { OpenedVault } from '../open-vault.ts';
import type { OpenedWriter } from '../opened-writer.ts';
import { DamageList } from '../upkeep/damage-list.ts';
import type { VaultReader } from '../vault.ts';

/** One storage of a vault that is read, under a lease, and another that is written, under its lock. */
export type Transfer = Readonly<{
  from: Readonly<{ vault: OpenedVault; reader: VaultReader }>;
  to: OpenedWriter;
  signal: AbortSignal;
  /** Is told before packs are sent, and after each. */
  onPlanned: (bytes: number) => void;
  onSent: (bytes: number) => void;
}>;

const idsPerQuestion = 8192;

/**
 * Brings chunks from one storage of a vault to another, in the packs that hold them: each is read whole, and sent only when its
 * SHA-256 is its name. Packs that turn out damaged go on the damage list of the storage that has them; what opens in them is moved
 * into new packs.
 */
export class PackSender {
  readonly #transfer: Transfer;
  /** Sent, or found to be no good: not chosen again. */
  readonly #done = new Set<string>();
  readonly #damaged = new Set<string>();
  #sentPacks = 0;
  #sentBytes = 0;

  constructor(transfer: Transfer) {
    this.#transfer = transfer;
  }

  get sent(): Readonly<{ packs: number; bytes: number }> {
    return { packs: this.#sentPacks, bytes: this.#sentBytes };
  }

  /** Packs of the storage that is read, found damaged by this run. */
  get damagedPacks(): readonly string[] {
    return [...this.#damaged];
  }

  /** Durable and in the durable index when it resolves, but for those that it gives: nothing here holds them undamaged. */
  async bring(chunks: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    const { to, signal } = this.#transfer;
    let left = await this.#rely(this.#unknown(chunks));
    while (left.length > 0) {
      const packs = this.#packsFor(left);
      if (packs.size === 0) break;
      await this.#sendAll(packs);
      await to.chunks.flush(signal);
      left = this.#unknown(left);
    }
    return await this.#salvage(left);
  }

  /** Sends packs that are damaged at the other side once more, as far as they are here. */
  async renew(packIds: readonly string[]): Promise<void> {
    const { from, to, signal } = this.#transfer;
    const there = from.reader.packs
      .packs()
      .filter(({ id, state }) => state !== 'missing' && packIds.includes(id));
    if (there.length === 0) return;
    await this.#sendAll(new Map(there.map(({ id, size }) => [id, size])));
    await to.chunks.flush(signal);
  }

  /** Reads a pack that may be damaged, and notes what is. */
  async examine(packId: string): Promise<void> {
    if (!this.#damaged.has(packId) && (await this.#read(packId)) === undefined)
      await this.#noteDamage(packId);
  }

  #unknown(chunks: readonly Uint8Array[]): readonly Uint8Array[] {
    const unknown: Uint8Array[] = [];
    for (let start = 0; start < chunks.length; start += idsPerQuestion) {
      const asked = chunks.slice(start, start + idsPerQuestion);
      const known = this.#transfer.to.chunks.knows(Buffer.concat(asked, asked.length * chunkIdBytes));
      unknown.push(...asked.filter((_, number) => known[number] === 0));
    }
    return unknown;
  }

  /** What is there and was only to be deleted, as nothing needed it, is needed now: it stays, and need not be sent. */
  async #rely(chunks: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    const { to } = this.#transfer;
    const doomed = new Set(
      to.packs
        .packs()
        .filter(({ state }) => state === 'doomed')
        .map(({ id }) => id),
    );
    if (doomed.size === 0) return chunks;
    const holding = chunks
      .filter((id) => !to.damage.has(id))
      .flatMap((id) => to.packs.packsOf(id).filter((packId) => doomed.has(packId)));
    if (holding.length === 0) return chunks;
    await to.releaseDoomed(new Set(holding));
    return this.#unknown(chunks);
  }

  /** For each chunk the best pack that was not tried yet. */
  #packsFor(chunks: readonly Uint8Array[]): ReadonlyMap<string, number> {
    const { reader } = this.#transfer.from;
    const there = new Map(
      reader.packs
        .packs()
        .filter(({ state }) => state !== 'missing')
        .map(({ id, size }) => [id, size]),
    );
    const packs = new Map<string, number>();
    for (const id of chunks) {
      const pack = reader.packs.packsOf(id).find((packId) => there.has(packId) && !this.#done.has(packId));
      if (pack !== undefined) packs.set(pack, there.get(pack) ?? 0);
    }
    return packs;
  }

  async #sendAll(packs: ReadonlyMap<string, number>): Promise<void> {
    const { signal, onPlanned, onSent } = this.#transfer;
    onPlanned([...packs.values()].reduce((sum, size) => sum + size, 0));
    for (const [packId, size] of packs) {
      signal.throwIfAborted();
      this.#done.add(packId);
      // One is read while those before it are being written; how many wait at once is bounded by the writer.
      await this.#send(packId);
      onSent(size);
    }
  }

  async #send(packId: string): Promise<void> {
    const { to } = this.#transfer;
    const found = await this.#read(packId);
    if (found === undefined) {
      await this.#noteDamage(packId);
      return;
    }
    const { bytes, record } = found;
    await to.addPack({ id: packId, body: new SharedArrayBuffer(0), bodyLength: 0, tail: bytes, record });
    this.#sentPacks += 1;
    this.#sentBytes += bytes.length;
  }

  /** Undefined when the pack is not there, or not what its name says. */
  async #read(packId: string): Promise<Readonly<{ bytes: Buffer; record: PackRecord }> | undefined> {
    const { from, signal } = this.#transfer;
    const { storage, objectKeys: keys } = from.vault;
    try {
      const bytes = await storage.read(packName(packId), maxPackBytes, { signal });
      if ((await packIdOfBytes(bytes)) !== packId) return undefined;
      const openFooter = (objectId: string, sealed: Buffer): Buffer =>
        openObject({ keys, type: 'footer', objectId }, sealed);
      return { bytes, record: recordInPack(bytes, openFooter) };
    } catch (error) {
      if (!isOfPack(error)) throw error;
      return undefined;
    }
  }

  /** Unless it was collected since the index was read: then nothing is damaged, and another pack has what is needed. */
  async #noteDamage(packId: string): Promise<void> {
    const { from, signal } = this.#transfer;
    const { reader, vault } = from;
    await reader.packs.load(signal);
    if (!reader.packs.packs().some(({ id }) => id === packId)) return;
    this.#damaged.add(packId);
    const damagedChunks = await this.#damagedChunksIn(packId);
    const lost = damagedChunks.filter((id) => reader.packs.packsOf(id)[0] === packId);
    const list = await DamageList.load(vault.storage, vault.objectKeys);
    try {
      await list.add({ chunks: lost, packs: [packId] });
    } catch (error) {
      // A vault that cannot be written is copied all the same; what is damaged is told by the run.
      if (!cannotBeWritten(error)) throw error;
    }
  }

  async #damagedChunksIn(packId: string): Promise<readonly Uint8Array[]> {
    const { from, signal } = this.#transfer;
    try {
      return (await from.reader.packs.checkPack(packId, signal)).damagedChunks;
    } catch (error) {
      if (!isOfPack(error)) throw error;
      return from.reader.packs.chunksIn(packId);
    }
  }

  async #salvage(chunks: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    if (chunks.length === 0 || this.#damaged.size === 0) return chunks;
    const { from, to, signal } = this.#transfer;
    await from.vault.salvage([...this.#damaged], chunks, to, signal);
    return this.#unknown(chunks);
  }
}

/** What a pack gives cause to, as against a storage that is away or a run that is cancelled. */
function isOfPack(error: unknown): boolean {
  return error instanceof AppError && ['not-found', 'damaged', 'failed'].includes(error.kind);
}
