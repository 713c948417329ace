import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { isBackupId } from '../../../shared/model/backup-id.ts';
import { manifest as manifestSchema } from '../../../shared/model/manifest.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import type { ObjectInfo, Storage, StorageOptions } from '../../storage/storage.ts';
import { readOrMissing } from '../format/copied-object.ts';
import { maxSealedBytes, openObject } from '../format/sealed-object.ts';
import type { ObjectKeys } from '../format/sealed-object.ts';
import { readSealed, writeSealed, writeSealedIfAbsent } from '../format/sealed-file.ts';
import type { ManifestList, StoredManifest, UnreadableManifest } from '../vault.ts';
import { decodeTrashRecord, encodeTrashRecord } from './trash-record.ts';
import type { TrashRecord } from './trash-record.ts';

type Found = Readonly<{ stored: StoredManifest } | { unreadable: UnreadableManifest } | undefined>;
type Remembered = Readonly<{ size: number; modifiedMs: number; found: Found }>;

const readsAtOnce = 8;

/** The manifests under `backups/` and `trash/`. A backup with both is live. What changes them needs the writer lock. */
export class ManifestStore {
  readonly #storage: Storage;
  readonly #keys: () => ObjectKeys;
  readonly #remembered = new Map<string, Remembered>();

  /** `keys` gives the newest ones: a manifest of a generation that came later opens then. */
  constructor(storage: Storage, keys: () => ObjectKeys) {
    this.#storage = storage;
    this.#keys = keys;
  }

  /** The commit point of a backup. `failed` when its id is taken. */
  async commit(manifest: Manifest, options?: StorageOptions): Promise<void> {
    const checked = manifestSchema.parse(manifest);
    if (checked.vaultId !== this.#keys().vaultId) throw new Error('the manifest is of another vault');
    const bytes = Buffer.from(JSON.stringify(checked), 'utf8');
    if (!(await writeSealedIfAbsent(this.#file('manifest', checked.backupId), bytes, options))) {
      throw new AppError('failed', `There is a backup ${checked.backupId} already. Start the backup again.`);
    }
  }

  /** All backups, newest first. What does not open is reported, and objects of foreign names with it; only a lost storage throws. */
  async list(): Promise<ManifestList> {
    const objects = await this.#listObjects();
    const found = await this.#readAll(objects);
    const manifests = found.flatMap((each) => (each !== undefined && 'stored' in each ? [each.stored] : []));
    const unreadable = found.flatMap((each) =>
      each !== undefined && 'unreadable' in each ? [each.unreadable] : [],
    );
    return {
      manifests: manifests.toSorted((left, right) => newestFirst(left.manifest, right.manifest)),
      unreadable,
    };
  }

  /** `not-found`, or `damaged` when it does not open. */
  async load(backupId: string): Promise<StoredManifest> {
    const live = isBackupId(backupId) ? await this.#readLive(backupId) : undefined;
    if (live !== undefined) return { manifest: live, state: 'live' };
    const record = isBackupId(backupId) ? await this.#readTrash(backupId) : undefined;
    if (record === undefined) throw notFound(backupId);
    return {
      manifest: this.#open(backupId, record.object),
      state: 'trashed',
      trashedAtMs: record.trashedAtMs,
    };
  }

  /**
   * Moves a backup to the trash for `keepMs`, also one whose manifest does not open. `not-found` when there is none; one that is in
   * the trash stays there with its deadline, unless its record is damaged: then nothing can bring it back, and it is dropped.
   */
  async trash(backupId: string, keepMs: number, options?: StorageOptions): Promise<void> {
    const object = await readOrMissing(this.#storage, `backups/${backupId}`, maxSealedBytes);
    if (object === undefined) {
      await this.#trashAgain(backupId);
      return;
    }
    const trashedAtMs = await this.#storage.now();
    const record = encodeTrashRecord({ trashedAtMs, deadlineMs: trashedAtMs + keepMs, object });
    await writeSealed(this.#file('trash', backupId), record, options);
    await this.#storage.delete(`backups/${backupId}`, options);
  }

  /** Brings a backup back; `not-found` when it is neither in the trash nor live. */
  async undelete(backupId: string, options?: StorageOptions): Promise<void> {
    const isLive = (await this.#storage.stat(`backups/${backupId}`)) !== undefined;
    if (!isLive) {
      const record = await this.#readTrash(backupId);
      if (record === undefined) throw notFound(backupId);
      await this.#storage.putIfAbsent(`backups/${backupId}`, [record.object], options);
    }
    await this.#storage.delete(`trash/${backupId}`, options);
  }

  /** Deletes for good what is past its deadline by the clock of the storage, and records whose backup is live. Gives the ids. */
  async purgeTrash(): Promise<readonly string[]> {
    const nowMs = await this.#storage.now();
    const purged: string[] = [];
    for await (const { name } of this.#storage.list('trash/')) {
      const backupId = idOf(name);
      if (!isBackupId(backupId)) continue;
      if ((await this.#storage.stat(`backups/${backupId}`)) !== undefined) {
        await this.#storage.delete(name);
      } else if (await this.#isPastDeadline(backupId, nowMs)) {
        await this.#storage.delete(name);
        purged.push(backupId);
      }
    }
    return purged;
  }

  async #isPastDeadline(backupId: string, nowMs: number): Promise<boolean> {
    try {
      const record = await this.#readTrash(backupId);
      return record !== undefined && record.deadlineMs <= nowMs;
    } catch (error) {
      // Its deadline is not known, so it stays until somebody deletes it again by hand.
      if (isDamaged(error)) return false;
      throw error;
    }
  }

  async #trashAgain(backupId: string): Promise<void> {
    try {
      if ((await this.#readTrash(backupId)) === undefined) throw notFound(backupId);
    } catch (error) {
      if (!isDamaged(error)) throw error;
      await this.#storage.delete(`trash/${backupId}`);
    }
  }

  /** Live before trashed. `backups/` is looked at twice, since a backup may move either way in between. */
  async #listObjects(): Promise<readonly ObjectInfo[]> {
    const objects = new Map<string, ObjectInfo>();
    for (const prefix of ['backups/', 'trash/', 'backups/']) {
      for await (const info of this.#storage.list(prefix)) objects.set(info.name, info);
    }
    const isShadowed = (name: string): boolean =>
      name.startsWith('trash/') && objects.has(`backups/${idOf(name)}`);
    return [...objects.values()].filter(({ name }) => !isShadowed(name));
  }

  async #readAll(objects: readonly ObjectInfo[]): Promise<readonly Found[]> {
    const results: Found[] = [];
    const queue = objects.entries();
    const work = async (): Promise<void> => {
      for (const [index, info] of queue) results[index] = await this.#readRemembered(info);
    };
    await Promise.all(Array.from({ length: readsAtOnce }, work));
    const names = new Set(objects.map(({ name }) => name));
    for (const name of this.#remembered.keys()) if (!names.has(name)) this.#remembered.delete(name);
    return results;
  }

  async #readRemembered(info: ObjectInfo): Promise<Found> {
    const { name, size, modifiedMs } = info;
    const known = this.#remembered.get(name);
    if (known?.size === size && known.modifiedMs === modifiedMs) return known.found;
    const { found, isSettled } = await this.#readObject(name);
    if (isSettled) this.#remembered.set(name, { size, modifiedMs, found });
    return found;
  }

  /** `isSettled`: it will be the same as long as the object is. A read that failed may go well the next time. */
  async #readObject(name: string): Promise<Readonly<{ found: Found; isSettled: boolean }>> {
    const backupId = idOf(name);
    const state = name.startsWith('trash/') ? 'trashed' : 'live';
    try {
      if (!isBackupId(backupId)) throw foreignName(name);
      const found = { stored: await this.load(backupId) };
      return { found, isSettled: found.stored.state === state };
    } catch (error) {
      if (!(error instanceof AppError) || error.kind === 'unavailable' || error.kind === 'cancelled')
        throw error;
      if (error.kind === 'not-found') return { found: undefined, isSettled: false };
      const unreadable = { backupId, state, reason: messageOf(error) } as const;
      return { found: { unreadable }, isSettled: error.kind === 'damaged' };
    }
  }

  async #readLive(backupId: string): Promise<Manifest | undefined> {
    const bytes = await readOrMissing(this.#storage, `backups/${backupId}`, maxSealedBytes);
    return bytes && this.#open(backupId, bytes);
  }

  async #readTrash(backupId: string): Promise<TrashRecord | undefined> {
    try {
      return decodeTrashRecord(await readSealed(this.#file('trash', backupId)));
    } catch (error) {
      if (error instanceof AppError && error.kind === 'not-found') return undefined;
      throw error;
    }
  }

  #open(backupId: string, bytes: Buffer): Manifest {
    const plaintext = openObject({ keys: this.#keys(), type: 'manifest', objectId: backupId }, bytes);
    const parsed = manifestSchema.safeParse(parseJson(plaintext));
    if (
      !parsed.success ||
      parsed.data.backupId !== backupId ||
      parsed.data.vaultId !== this.#keys().vaultId
    ) {
      throw new AppError('damaged', `The manifest of backup ${backupId} is not what this version can read.`);
    }
    return parsed.data;
  }

  #file(type: 'manifest' | 'trash', backupId: string) {
    const name = `${type === 'manifest' ? 'backups' : 'trash'}/${backupId}`;
    return { storage: this.#storage, keys: this.#keys(), type, name } as const;
  }
}

function newestFirst(left: Manifest, right: Manifest): number {
  const byTime = Date.parse(right.timestamp) - Date.parse(left.timestamp);
  return byTime === 0 ? left.backupId.localeCompare(right.backupId) : byTime;
}

function idOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    // No manifest then: the schema says so.
    return undefined;
  }
}

function isDamaged(error: unknown): boolean {
  return error instanceof AppError && error.kind === 'damaged';
}

function notFound(backupId: string): AppError {
  return new AppError('not-found', `There is no backup ${backupId}. List the backups with list.`);
}

function foreignName(name: string): AppError {
  return new AppError(
    'damaged',
    `The object ${name} has no name of a backup. Give it its old name, or take it away.`,
  );
}
