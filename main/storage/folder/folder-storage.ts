import { randomBytes } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { syncFolder } from '../../platform/atomic-file.ts';
import { boundedCall } from '../bounded-call.ts';
import { assertObjectName, assertObjectPrefix } from '../object-name.ts';
import { storageError } from '../storage-error.ts';
import type { StorageHook, StorageOperation } from '../storage-hook.ts';
import type { ObjectInfo, Storage, StorageOptions } from '../storage.ts';
import { listFolder, statObject } from './folder-list.ts';
import { readObject, readObjectRange } from './folder-read.ts';
import type { FolderRoot } from './folder-root.ts';
import { FolderWriter } from './folder-write.ts';
import { diskSpace } from './local-disk.ts';
import { sizeOf } from '../object-bytes.ts';
import { smallBytes, type TransferLimits } from '../transfer-limits.ts';

export type FolderStorageOptions = Readonly<{
  /** A call that has not ended after this time is given up as `unavailable`; 120 s. */
  stallLimitMs?: number;
  /** Size of the file that is given back when the disk is full; 32 MiB. */
  reserveBytes?: number;
  hook?: StorageHook;
  /** Hold for a folder of a share, whose bytes go over the network as well. */
  limits?: TransferLimits | undefined;
}>;

type Paced = Readonly<{
  direction: 'upload' | 'download';
  bytes: number;
  options: StorageOptions | undefined;
}>;

type Call = Readonly<{ operation: StorageOperation; name: string; options?: StorageOptions | undefined }>;

const defaultStallLimitMs = 120_000;
const defaultReserveBytes = 32 * 1024 * 1024;
const reserveName = 'reserve';
const never = new AbortController().signal;

/** A vault's objects as files (0600) of a folder (0700). */
export class FolderStorage implements Storage {
  readonly location: string;
  readonly isLocal: boolean;
  readonly #root: FolderRoot;
  readonly #writer: FolderWriter;
  readonly #stallLimitMs: number;
  readonly #reserveBytes: number;
  readonly #hook: StorageHook | undefined;
  readonly #limits: TransferLimits | undefined;

  constructor(root: FolderRoot, isLocal: boolean, options: FolderStorageOptions = {}) {
    this.location = root.folder;
    this.isLocal = isLocal;
    this.#root = root;
    this.#writer = new FolderWriter(root);
    this.#stallLimitMs = options.stallLimitMs ?? defaultStallLimitMs;
    this.#reserveBytes = options.reserveBytes ?? defaultReserveBytes;
    this.#hook = options.hook;
    this.#limits = isLocal ? undefined : options.limits;
  }

  async put(name: string, parts: readonly Uint8Array[], options?: StorageOptions): Promise<void> {
    assertObjectName(name);
    await this.#paced({ direction: 'upload', bytes: sizeOf(parts), options }, async () => {
      await this.#call({ operation: 'put', name, options }, async (abandoned) => {
        await this.#writer.write({ name, parts, replace: true, abandoned });
      });
    });
  }

  async putIfAbsent(name: string, parts: readonly Uint8Array[], options?: StorageOptions): Promise<boolean> {
    assertObjectName(name);
    return await this.#call(
      { operation: 'putIfAbsent', name, options },
      async (abandoned) => await this.#writer.write({ name, parts, replace: false, abandoned }),
    );
  }

  async read(name: string, maxBytes: number, options?: StorageOptions): Promise<Buffer> {
    assertObjectName(name);
    return await this.#call(
      { operation: 'read', name, options },
      async () => await readObject(this.#root, name, maxBytes),
    );
  }

  async readRange(name: string, offset: number, length: number, options?: StorageOptions): Promise<Buffer> {
    assertObjectName(name);
    const read = async (): Promise<Buffer> =>
      await this.#call(
        { operation: 'readRange', name, options },
        async () => await readObjectRange(this.#root, { name, offset, length }),
      );
    return await this.#paced({ direction: 'download', bytes: length, options }, read);
  }

  async stat(name: string, options?: StorageOptions): Promise<ObjectInfo | undefined> {
    assertObjectName(name);
    return await this.#call({ operation: 'stat', name, options }, async () => {
      const info = await statObject(this.#root, name);
      if (info === undefined) await this.#root.assertThere();
      return info;
    });
  }

  async *list(prefix: string, options?: StorageOptions): AsyncGenerator<ObjectInfo> {
    assertObjectPrefix(prefix);
    const batches = listFolder(this.#root, prefix);
    let isDone = false;
    try {
      for (let isFirst = true; !isDone; isFirst = false) {
        const step = async (): Promise<IteratorResult<readonly ObjectInfo[], void>> => await batches.next();
        const call: Call = { operation: 'list', name: prefix, options };
        const batch = isFirst ? await this.#call(call, step) : await this.#bounded(call, step);
        if (batch.done === true) isDone = true;
        else yield* batch.value;
      }
    } finally {
      // Not awaited: behind a stalled step it would wait for ever. It only closes the folder.
      if (!isDone) batches.return(undefined).catch(() => undefined);
    }
  }

  async delete(name: string, options?: StorageOptions): Promise<void> {
    assertObjectName(name);
    await this.#call({ operation: 'delete', name, options }, async () => await this.#remove(name));
  }

  async now(options?: StorageOptions): Promise<number> {
    return await this.#call({ operation: 'now', name: '', options }, async () => await this.#writer.now());
  }

  async space(options?: StorageOptions): Promise<Readonly<{ freeBytes: number; totalBytes: number }>> {
    return await this.#call({ operation: 'space', name: '', options }, async () => {
      await this.#root.assertThere();
      return await diskSpace(this.#root.folder);
    });
  }

  async releaseReserve(): Promise<void> {
    await this.#call({ operation: 'delete', name: reserveName }, async () => await this.#remove(reserveName));
  }

  async restoreReserve(): Promise<void> {
    await this.#call({ operation: 'put', name: reserveName }, async (abandoned) => {
      await this.#root.assertThere();
      if ((await statObject(this.#root, reserveName))?.size === this.#reserveBytes) return;
      // With room to spare: taking it must not be what fills the disk.
      if ((await diskSpace(this.#root.folder)).freeBytes < 1.25 * this.#reserveBytes) return;
      // Random, since file systems that compress would reserve nothing for zeros.
      const parts = [randomBytes(this.#reserveBytes)];
      await this.#writer.write({ name: reserveName, parts, replace: true, abandoned });
    });
  }

  async sweepTemporary(options?: StorageOptions): Promise<void> {
    await this.#call({ operation: 'sweep', name: '', options }, async (abandoned) => {
      await this.#writer.sweep(abandoned);
    });
  }

  async #remove(name: string): Promise<void> {
    await this.#root.assertThere();
    if (!(await this.#root.hasParents(name))) return;
    const path = this.#root.pathOf(name);
    try {
      await unlink(path);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return;
      throw error;
    }
    await syncFolder(dirname(path));
  }

  /** Waits before the call, whose own time is bounded. */
  async #paced<Result>({ direction, bytes, options }: Paced, run: () => Promise<Result>): Promise<Result> {
    const limits = this.#limits;
    if (limits === undefined || bytes <= smallBytes) return await run();
    const signal = options?.signal;
    return await limits.inTurn(signal, async () => {
      await limits.pass(direction, bytes, signal ?? never);
      return await run();
    });
  }

  async #call<Result>(call: Call, run: (abandoned: AbortSignal) => Promise<Result>): Promise<Result> {
    return await this.#bounded(call, async (abandoned) => {
      await this.#hook?.({ operation: call.operation, name: call.name, moment: 'before' });
      const result = await run(abandoned);
      await this.#hook?.({ operation: call.operation, name: call.name, moment: 'after' });
      return result;
    });
  }

  async #bounded<Result>(call: Call, run: (abandoned: AbortSignal) => Promise<Result>): Promise<Result> {
    const bounds = { limitMs: this.#stallLimitMs, signal: call.options?.signal, place: this.location };
    try {
      return await boundedCall(bounds, run);
    } catch (error) {
      throw storageError(error, { place: this.location, what: call.name === '' ? 'the folder' : call.name });
    }
  }
}
