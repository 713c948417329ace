import { AppError } from '../../shared/lib/app-error.ts';
import type { ObjectInfo, Storage } from '../../main/storage/storage.ts';

export type StorageCall = Readonly<{
  method: 'put' | 'putIfAbsent' | 'read' | 'readRange' | 'stat' | 'list' | 'delete' | 'now';
  name: string;
  /** Counts from 1; mutating calls (put, putIfAbsent, delete) have a count of their own. */
  number: number;
  mutation: number;
}>;

type Stored = Readonly<{ bytes: Buffer; modifiedMs: number }>;

/** What a dying process leaves: the call has happened, or not. */
export class ProcessDied extends Error {
  override name = 'ProcessDied';
}

/**
 * Objects in memory with a clock that stands still until it is set. `onCall` runs before each call and may throw; `afterCall` runs
 * when its effect is there. A storage that threw `ProcessDied` once is dead: `revive()` gives the same objects to the next process.
 */
export class MemoryStorage implements Storage {
  readonly location = 'memory';
  isLocal = true;
  nowMs = Date.UTC(2026, 0, 1);
  onCall: ((call: StorageCall) => void | Promise<void>) | undefined;
  afterCall: ((call: StorageCall) => void | Promise<void>) | undefined;
  readonly objects: Map<string, Stored>;
  #calls = 0;
  #mutations = 0;
  #dead = false;

  constructor(objects: Iterable<readonly [string, Stored]> = []) {
    this.objects = new Map(objects);
  }

  /** Another storage with what is stored now; later changes of either do not show in the other. */
  clone(): MemoryStorage {
    const copy = new MemoryStorage(this.objects);
    copy.nowMs = this.nowMs;
    copy.isLocal = this.isLocal;
    return copy;
  }

  /** How many mutating calls there were. */
  get mutations(): number {
    return this.#mutations;
  }

  revive(): MemoryStorage {
    return this.clone();
  }

  /** Dies at the mutating call of this number (from 1), before or after its effect. */
  dieAt(mutation: number, when: 'before' | 'after'): void {
    const die = (call: StorageCall): void => {
      if (call.mutation === mutation && isMutation(call.method))
        throw new ProcessDied(`died at ${call.method} ${call.name}`);
    };
    if (when === 'before') this.onCall = die;
    else this.afterCall = die;
  }

  bytesOf(name: string): Buffer {
    const stored = this.objects.get(name);
    if (stored === undefined) throw new Error(`no object ${name}`);
    return stored.bytes;
  }

  setBytes(name: string, bytes: Uint8Array): void {
    this.objects.set(name, { bytes: Buffer.from(bytes), modifiedMs: this.nowMs });
  }

  flipBit(name: string, bit: number): void {
    const bytes = Buffer.from(this.bytesOf(name));
    bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    this.setBytes(name, bytes);
  }

  names(prefix = ''): string[] {
    return [...this.objects.keys()].filter((name) => name.startsWith(prefix)).toSorted();
  }

  async put(name: string, parts: readonly Uint8Array[]): Promise<void> {
    await this.#run('put', name, () => this.setBytes(name, Buffer.concat(parts)));
  }

  async putIfAbsent(name: string, parts: readonly Uint8Array[]): Promise<boolean> {
    return await this.#run('putIfAbsent', name, () => {
      if (this.objects.has(name)) return false;
      this.setBytes(name, Buffer.concat(parts));
      return true;
    });
  }

  async read(name: string, maxBytes: number): Promise<Buffer> {
    return await this.#run('read', name, () => {
      const bytes = this.#need(name);
      if (bytes.length > maxBytes) throw new AppError('failed', `${name} is larger than expected.`);
      return Buffer.from(bytes);
    });
  }

  async readRange(name: string, offset: number, length: number): Promise<Buffer> {
    return await this.#run('readRange', name, () => {
      const bytes = this.#need(name);
      if (offset + length > bytes.length) throw new AppError('damaged', `${name} ends too early.`);
      return Buffer.from(bytes.subarray(offset, offset + length));
    });
  }

  async stat(name: string): Promise<ObjectInfo | undefined> {
    return await this.#run('stat', name, () => {
      const stored = this.objects.get(name);
      return stored && { name, size: stored.bytes.length, modifiedMs: stored.modifiedMs };
    });
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    const found = await this.#run('list', prefix, () => this.names(prefix));
    for (const name of found) {
      const stored = this.objects.get(name);
      if (stored !== undefined) yield { name, size: stored.bytes.length, modifiedMs: stored.modifiedMs };
    }
  }

  async delete(name: string): Promise<void> {
    await this.#run('delete', name, () => void this.objects.delete(name));
  }

  async now(): Promise<number> {
    return await this.#run('now', '', () => this.nowMs);
  }

  async space(): Promise<undefined> {
    return undefined;
  }

  async releaseReserve(): Promise<void> {}

  async restoreReserve(): Promise<void> {}

  #need(name: string): Buffer {
    const stored = this.objects.get(name);
    if (stored === undefined) throw new AppError('not-found', `There is no ${name}.`);
    return stored.bytes;
  }

  async #run<Result>(method: StorageCall['method'], name: string, act: () => Result): Promise<Result> {
    if (this.#dead) throw new ProcessDied('the process is dead');
    this.#calls += 1;
    if (isMutation(method)) this.#mutations += 1;
    const call = { method, name, number: this.#calls, mutation: this.#mutations };
    try {
      await this.onCall?.(call);
      const result = act();
      await this.afterCall?.(call);
      return result;
    } catch (error) {
      this.#dead ||= error instanceof ProcessDied;
      throw error;
    }
  }
}

function isMutation(method: StorageCall['method']): boolean {
  return method === 'put' || method === 'putIfAbsent' || method === 'delete';
}
