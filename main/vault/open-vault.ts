import { hostname } from 'node:os';
import type { AppError } from '../../shared/lib/app-error.ts';
import type { Finding } from '../../shared/model/finding.ts';
import type { Storage } from '../storage/storage.ts';
import { usualFreeSpace } from './chunks/pack-writes.ts';
import { Repacking } from './chunks/repack.ts';
import type { FreeSpaceRule } from './chunks/pack-writes.ts';
import type { ObjectKeys } from './format/sealed-object.ts';
import type { KeyRing } from './keys/key-ring.ts';
import type { ThreadKeys } from './keys/thread-keys.ts';
import type { SlotSecret } from './keys/slot-secret.ts';
import { createVaultKeys, unlockVault } from './keys/vault-keys.ts';
import type { KeyOptions, VaultKeys } from './keys/vault-keys.ts';
import { listLeases } from './locks/lease.ts';
import type { LiveLease } from './locks/lease.ts';
import { type WriterLock, writerElsewhere } from './locks/writer-lock.ts';
import type { ManifestStore } from './manifests/manifest-store.ts';
import type { BackupMarks } from './manifests/mark-reader.ts';
import { LateCommits } from './late-commits.ts';
import { openReader } from './opened-reader.ts';
import { lockRequest, openWriter, takeLock } from './opened-writer.ts';
import type { OpenedWriter } from './opened-writer.ts';
import type { ManifestList, StoredManifest } from './manifests/stored-manifest.ts';
import type { Vault, VaultReader, WriterOptions } from './vault.ts';
import { VaultParts } from './vault-parts.ts';

export type VaultOptions = Readonly<{
  storage: Storage;
  /** A folder of this host and user alone, for locks that end with their process; made (0700) where it is not. */
  hostLockFolder: string;
  /** What tells this host from others; the host's name unless said otherwise. Only its keyed hash gets into the storage. */
  host?: string;
  /** Is told what had to be passed over or repaired, in plain sentences. */
  onNote?: (note: Finding) => void;
  /** Tests on small disks bring their own. */
  freeSpace?: FreeSpaceRule;
}>;

/** Makes the header and keys of a new vault, one slot for each secret, and opens it. `usage` where a vault is. */
export async function createVault(
  options: VaultOptions & Readonly<{ secrets: readonly SlotSecret[] }> & KeyOptions,
): Promise<OpenedVault> {
  const { storage, secrets, now, scryptN } = options;
  const keyOptions = scryptN === undefined ? { now } : { now, scryptN };
  return openWithKeys(options, await createVaultKeys(storage, secrets, keyOptions));
}

/** Opens a vault with the first of the secrets that fits: `no-key` when none does. */
export async function openVault(
  options: VaultOptions & Readonly<{ secret: SlotSecret }>,
): Promise<OpenedVault> {
  return openWithKeys(options, await unlockVault(options.storage, options.secret));
}

/** Opens a vault whose keys are at hand. */
export function openWithKeys(options: VaultOptions, keys: VaultKeys): OpenedVault {
  const { storage, hostLockFolder, host = hostname(), freeSpace = usualFreeSpace } = options;
  const onNote = options.onNote ?? ((): void => undefined);
  return new OpenedVault(new VaultParts({ storage, hostLockFolder, host, freeSpace, onNote }, keys));
}

/** A vault whose keys are known. */
export class OpenedVault implements Vault {
  readonly #parts: VaultParts;
  readonly #late: LateCommits;

  constructor(parts: VaultParts) {
    this.#parts = parts;
    const { storage } = parts;
    this.#late = new LateCommits({ storage, openReader: async () => await parts.newCurrentReader() });
  }

  get id(): string {
    return this.#parts.ring.vaultId;
  }

  get storage(): Storage {
    return this.#parts.storage;
  }

  get keys(): ThreadKeys {
    return this.#parts.ring.threadKeys;
  }

  get objectKeys(): ObjectKeys {
    return this.#parts.ring.objectKeys;
  }

  get ring(): KeyRing {
    return this.#parts.ring;
  }

  get manifests(): ManifestStore {
    return this.#parts.manifests;
  }

  /** Slots and master keys, for whoever changes them; `useKeys` takes the result. */
  get vaultKeys(): VaultKeys {
    return this.#parts.keys;
  }

  useKeys(keys: VaultKeys): void {
    this.#parts.useKeys(keys);
  }

  async listManifests(): Promise<ManifestList> {
    return await this.#late.judge(await this.#parts.manifests.list());
  }

  async loadManifest(backupId: string): Promise<StoredManifest> {
    return await this.#parts.manifests.load(backupId);
  }

  async listMarks(): Promise<BackupMarks> {
    return await this.#parts.marks.list();
  }

  async listLeases(): Promise<readonly LiveLease[]> {
    const { hostLockFolder } = this.#parts.place;
    const { storage, hostHash } = this.#parts;
    return await listLeases({ storage, vaultId: this.id, hostHash, hostLockFolder });
  }

  async openReader(purpose: string): Promise<VaultReader> {
    return await openReader(this.#parts, purpose);
  }

  async openWriter(purpose: string, options: WriterOptions = {}): Promise<OpenedWriter> {
    return await openWriter(this.#parts, { purpose, ...options });
  }

  /** Why nobody here can write to it now: another machine does. Undefined: nobody else does. */
  async writerElsewhere(signal: AbortSignal): Promise<AppError | undefined> {
    return await writerElsewhere(lockRequest(this.#parts, { purpose: 'backup', signal }));
  }

  /** The writer lock alone, for what is done before the vault can be written to (its keys). */
  async lock(purpose: string, options: WriterOptions = {}): Promise<WriterLock> {
    return await takeLock(this.#parts, { purpose, ...options });
  }

  /**
   * Moves what opens of these chunks out of packs that are damaged here into new packs of another storage of this vault. Durable when
   * it resolves.
   */
  async salvage(
    packIds: readonly string[],
    chunks: readonly Uint8Array[],
    into: OpenedWriter,
    signal: AbortSignal,
  ): Promise<void> {
    const { storage, index, ring } = this.#parts;
    const wanted = new Uint8Array(index.chunkCount);
    for (const id of chunks) {
      const number = index.numberOf(id);
      if (number !== -1) wanted[number] = 1;
    }
    const pool = this.#parts.pool();
    const { packWriter: writer, generation: writerGeneration } = into;
    const settings = { storage, index, pool, objectKeys: ring.objectKeys, writer, writerGeneration };
    await new Repacking(settings).run(packIds, wanted, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts[Symbol.asyncDispose]();
  }
}
