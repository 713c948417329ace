import { AppError } from '../../../shared/lib/app-error.ts';
import { assertObjectName, assertObjectPrefix } from '../object-name.ts';
import type { ObjectInfo, Storage, StorageOptions } from '../storage.ts';
import { NewObjects } from './objects/new-objects.ts';
import type { Settle } from './objects/new-objects.ts';
import { RecentChanges } from './objects/recent-changes.ts';
import type { Call } from './line/s3-calls.ts';
import { listObjects, statObject } from './objects/s3-list.ts';
import { readObject, readObjectRange } from './objects/s3-read.ts';
import { storageClock } from './line/storage-clock.ts';
import { sweepLeftovers } from './objects/sweep.ts';
import type { S3Parts } from './line/s3-parts.ts';
import { deleteObject } from './objects/s3-object.ts';
import { writeObject } from './objects/s3-write.ts';

/** A vault's objects in a bucket, below a prefix. */
export class S3Storage implements Storage {
  readonly location: string;
  readonly isLocal = false;
  readonly #s3: S3Parts;
  readonly #recent = new RecentChanges();
  readonly #newObjects: NewObjects;

  constructor(s3: S3Parts, options: Readonly<{ settle?: Settle | undefined }> = {}) {
    this.location = s3.calls.place;
    this.#s3 = s3;
    this.#newObjects = new NewObjects(s3, options.settle);
  }

  get writesAtOnce(): number {
    return this.#s3.limits.rates.parallel;
  }

  async put(name: string, parts: readonly Uint8Array[], options?: StorageOptions): Promise<void> {
    assertObjectName(name);
    const call: Call = { operation: 'put', name, options };
    await this.#s3.calls.run(call, async () => await writeObject(this.#s3, call, parts));
    this.#recent.note(name, 'written');
  }

  async putIfAbsent(name: string, parts: readonly Uint8Array[], options?: StorageOptions): Promise<boolean> {
    assertObjectName(name);
    const call: Call = { operation: 'putIfAbsent', name, options };
    const isWritten = await this.#s3.calls.run(call, async () => await this.#newObjects.write(call, parts));
    if (isWritten) this.#recent.note(name, 'written');
    return isWritten;
  }

  async read(name: string, maxBytes: number, options?: StorageOptions): Promise<Buffer> {
    assertObjectName(name);
    const call: Call = { operation: 'read', name, options };
    return await this.#noticing(call, async () => await readObject(this.#s3, call, maxBytes));
  }

  async readRange(name: string, offset: number, length: number, options?: StorageOptions): Promise<Buffer> {
    assertObjectName(name);
    const call: Call = { operation: 'readRange', name, options };
    return await this.#noticing(call, async () => await readObjectRange(this.#s3, call, { offset, length }));
  }

  async stat(name: string, options?: StorageOptions): Promise<ObjectInfo | undefined> {
    assertObjectName(name);
    const call: Call = { operation: 'stat', name, options };
    const info = await this.#s3.calls.run(call, async () => await statObject(this.#s3, call, name));
    if (info === undefined) this.#recent.note(name, 'deleted');
    return info;
  }

  async *list(prefix: string, options?: StorageOptions): AsyncGenerator<ObjectInfo> {
    assertObjectPrefix(prefix);
    const call: Call = { operation: 'list', name: prefix, options };
    await this.#s3.calls.run(call, async () => await Promise.resolve());
    yield* listObjects(this.#s3, call, this.#recent);
  }

  async delete(name: string, options?: StorageOptions): Promise<void> {
    assertObjectName(name);
    const call: Call = { operation: 'delete', name, options };
    await this.#s3.calls.run(call, async () => await deleteObject(this.#s3, call));
    this.#recent.note(name, 'deleted');
  }

  async now(options?: StorageOptions): Promise<number> {
    const call: Call = { operation: 'now', name: '', options };
    return await this.#s3.calls.run(call, async () => await storageClock(this.#s3, call));
  }

  /** Nobody can say what is left of a bucket. */
  async space(): Promise<undefined> {
    return await Promise.resolve(undefined);
  }

  /** Deleting needs no room there. */
  async releaseReserve(): Promise<void> {
    await Promise.resolve();
  }

  async restoreReserve(): Promise<void> {
    await Promise.resolve();
  }

  async sweepTemporary(options?: StorageOptions): Promise<void> {
    const call: Call = { operation: 'sweep', name: '', options };
    await this.#s3.calls.run(call, async () => await sweepLeftovers(this.#s3, call));
  }

  /** What is not there now must not go on standing in lists that are older than that. */
  async #noticing<Result>(call: Call, run: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#s3.calls.run(call, run);
    } catch (error) {
      if (error instanceof AppError && error.kind === 'not-found') this.#recent.note(call.name, 'deleted');
      throw error;
    }
  }
}
