import { randomBytes } from 'node:crypto';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Storage } from '../../storage/storage.ts';
import { chunkIdBytes } from '../chunks/chunk-store.ts';
import { readSealed, writeSealed } from '../format/sealed-file.ts';
import type { ObjectKeys } from '../format/sealed-object.ts';
import { ChunkTable } from '../index/chunk-table.ts';

const prefix = 'marks/damage-';
const packIdBytes = 32;
const headBytes = 8;

/** Ids of chunks as bytes, of packs as hex. */
export type Damage = Readonly<{ chunks: Iterable<Uint8Array>; packs: Iterable<string> }>;

/**
 * Chunks of which a copy is damaged, and packs that are damaged. The list is the union of the objects `marks/damage-<id>`: adding
 * writes one more, so that readers and verify need no lock; taking out replaces those that were loaded.
 */
export class DamageList {
  readonly #storage: Storage;
  readonly #keys: ObjectKeys;
  #objects: string[];
  #chunks: ChunkTable;
  #packs: Set<string>;
  /** Parts of the list that do not open: what they named is found again by the next full verify. */
  readonly problems: readonly Finding[];

  private constructor(storage: Storage, keys: ObjectKeys, loaded: Loaded) {
    this.#storage = storage;
    this.#keys = keys;
    this.#objects = loaded.objects;
    this.#chunks = loaded.chunks;
    this.#packs = loaded.packs;
    this.problems = loaded.problems;
  }

  static async load(storage: Storage, keys: ObjectKeys): Promise<DamageList> {
    return new DamageList(storage, keys, await loadObjects(storage, keys));
  }

  get isEmpty(): boolean {
    return this.#chunks.size === 0 && this.#packs.size === 0;
  }

  get chunkCount(): number {
    return this.#chunks.size;
  }

  has(chunkId: Uint8Array): boolean {
    return this.#chunks.size > 0 && this.#chunks.find(chunkId) !== -1;
  }

  hasPack(packId: string): boolean {
    return this.#packs.has(packId);
  }

  /** A copy of the list as it is now. */
  contents(): Readonly<{ chunks: readonly Uint8Array[]; packs: readonly string[] }> {
    const chunks = Array.from({ length: this.#chunks.size }, (_, number) =>
      this.#chunks.idAt(number).slice(),
    );
    return { chunks, packs: [...this.#packs] };
  }

  /** Durable when it resolves. Needs no lock. What is listed already is not written again. */
  async add(damage: Damage): Promise<void> {
    const chunks = [...damage.chunks].filter((id) => !this.has(id));
    const packs = [...damage.packs].filter((id) => !this.#packs.has(id));
    if (chunks.length === 0 && packs.length === 0) return;
    this.#objects.push(await this.#write(chunks, packs));
    for (const id of chunks) this.#chunks.add(id);
    for (const id of packs) this.#packs.add(id);
  }

  /** Takes out what was stored anew or is gone. Only under the writer lock; what others added since is kept. */
  async remove(damage: Damage): Promise<void> {
    const gone = new ChunkTable();
    for (const id of damage.chunks) gone.add(id);
    const gonePacks = new Set(damage.packs);
    const now = this.contents();
    const chunks = now.chunks.filter((id) => gone.find(id) === -1);
    const packs = now.packs.filter((id) => !gonePacks.has(id));
    if (chunks.length === now.chunks.length && packs.length === now.packs.length) return;
    await this.#replace(chunks, packs);
  }

  /** Writes the whole list as one object, and drops the parts that do not open. Under the writer lock, after a full verify. */
  async rewrite(): Promise<void> {
    const { chunks, packs } = this.contents();
    await this.#replace(chunks, packs);
    for (const problem of this.problems) {
      if (problem.path !== undefined) await this.#storage.delete(problem.path);
    }
  }

  /** The new object comes first: dying in between leaves more on the list, never less. */
  async #replace(chunks: readonly Uint8Array[], packs: readonly string[]): Promise<void> {
    const old = this.#objects;
    this.#objects = chunks.length + packs.length === 0 ? [] : [await this.#write(chunks, packs)];
    this.#chunks = new ChunkTable();
    for (const id of chunks) this.#chunks.add(id);
    this.#packs = new Set(packs);
    for (const name of old) await this.#storage.delete(name);
  }

  async #write(chunks: readonly Uint8Array[], packs: readonly string[]): Promise<string> {
    const name = `${prefix}${randomBytes(16).toString('hex')}`;
    const bytes = encodeDamage(chunks, packs);
    await writeSealed({ storage: this.#storage, keys: this.#keys, type: 'damage', name }, bytes);
    return name;
  }
}

type Loaded = Readonly<{
  objects: string[];
  chunks: ChunkTable;
  packs: Set<string>;
  problems: readonly Finding[];
}>;

/** Anew when the writer replaced an object since it was listed: what replaced it may not have been in that list. */
async function loadObjects(storage: Storage, keys: ObjectKeys): Promise<Loaded> {
  for (;;) {
    const loaded = await tryLoadObjects(storage, keys);
    if (loaded !== undefined) return loaded;
  }
}

async function tryLoadObjects(storage: Storage, keys: ObjectKeys): Promise<Loaded | undefined> {
  const objects: string[] = [];
  const chunks = new ChunkTable();
  const packs = new Set<string>();
  const problems: Finding[] = [];
  for await (const { name } of storage.list('marks/')) {
    if (!name.startsWith(prefix)) continue;
    try {
      const plaintext = await readSealed({ storage, keys, type: 'damage', name });
      decodeDamage(plaintext, chunks, packs);
      objects.push(name);
    } catch (error) {
      if (error instanceof AppError && error.kind === 'not-found') return undefined;
      if (!(error instanceof AppError) || error.kind !== 'damaged') throw error;
      problems.push({ code: 'damage-list', message: messageOf(error), path: name });
    }
  }
  return { objects, chunks, packs, problems };
}

/** Counts of packs and chunks (u32 LE each), pack ids, chunk ids. */
function encodeDamage(chunks: readonly Uint8Array[], packs: readonly string[]): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32LE(packs.length, 0);
  head.writeUInt32LE(chunks.length, 4);
  return Buffer.concat([head, ...packs.map((id) => Buffer.from(id, 'hex')), ...chunks]);
}

function decodeDamage(bytes: Buffer, chunks: ChunkTable, packs: Set<string>): void {
  const packCount = bytes.length < headBytes ? 0 : bytes.readUInt32LE(0);
  const chunkCount = bytes.length < headBytes ? 0 : bytes.readUInt32LE(4);
  const chunksFrom = headBytes + packCount * packIdBytes;
  if (bytes.length !== chunksFrom + chunkCount * chunkIdBytes) {
    throw new AppError('damaged', 'A part of the damage list has a wrong length.');
  }
  for (let offset = headBytes; offset < chunksFrom; offset += packIdBytes) {
    packs.add(bytes.toString('hex', offset, offset + packIdBytes));
  }
  for (let offset = chunksFrom; offset < bytes.length; offset += chunkIdBytes) chunks.add(bytes, offset);
}
