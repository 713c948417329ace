import { AppError } from '../../../shared/lib/app-error.ts';
import { isBackupId } from '../../../shared/model/backup-id.ts';
import { manifest as manifestSchema } from '../../../shared/model/manifest.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import type { Storage, StorageOptions } from '../../storage/storage.ts';
import { readOrMissing } from '../format/copied-object.ts';
import { writeSealed, writeSealedIfAbsent } from '../format/sealed-file.ts';
import { maxSealedBytes, sealOverheadBytes } from '../format/sealed-object.ts';
import type { ObjectKeys } from '../format/sealed-object.ts';
import type { ManifestList, StoredManifest } from './stored-manifest.ts';
import { forgetBackup, recordBackup, recordedBackups } from './known-backups.ts';
import { idOf, ManifestReader, maxManifestBytes, notFound } from './manifest-reader.ts';
import { encodeTrashRecord } from './trash-record.ts';

/** The manifests under `backups/` and `trash/`. A backup with both is live. What changes them needs the writer lock. */
export class ManifestStore {
  readonly #storage: Storage;
  readonly #keys: () => ObjectKeys;
  readonly #reader: ManifestReader;

  /** `keys` gives the newest ones: a manifest of a generation that came later opens then. */
  constructor(storage: Storage, keys: () => ObjectKeys) {
    this.#storage = storage;
    this.#keys = keys;
    this.#reader = new ManifestReader(storage, keys);
  }

  /** The commit point of a backup. `failed` when its id is taken. */
  async commit(manifest: Manifest, options?: StorageOptions): Promise<void> {
    const checked = manifestSchema.parse(manifest);
    if (checked.vaultId !== this.#keys().vaultId) throw new Error('the manifest is of another vault');
    const bytes = Buffer.from(JSON.stringify(checked), 'utf8');
    if (bytes.length + sealOverheadBytes > maxManifestBytes)
      throw new AppError('failed', 'This backup has too many parts for one manifest. Back up fewer at once.');
    if (!(await writeSealedIfAbsent(this.#file('manifest', checked.backupId), bytes, options))) {
      throw new AppError('failed', `There is a backup ${checked.backupId} already. Start the backup again.`);
    }
    await this.#recordIfPossible(checked.backupId);
  }

  /** All backups, newest first. What does not open is reported, objects of foreign names too; only a lost storage throws. */
  async list(): Promise<ManifestList> {
    return await this.#reader.list();
  }

  /** `not-found`, or `damaged` when it does not open. */
  async load(backupId: string): Promise<StoredManifest> {
    return await this.#reader.load(backupId);
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
      const record = await this.#reader.readTrash(backupId);
      if (record === undefined) throw notFound(backupId);
      await this.#storage.putIfAbsent(`backups/${backupId}`, [record.object], options);
    }
    await this.#storage.delete(`trash/${backupId}`, options);
  }

  /** Deletes for good what is past its deadline by the clock of the storage, and records whose backup is live. Gives the ids. */
  async purgeTrash(): Promise<readonly string[]> {
    const nowMs = await this.#storage.now();
    const purged: string[] = [];
    await this.#recordAll();
    for await (const { name } of this.#storage.list('trash/')) {
      const backupId = idOf(name);
      if (!isBackupId(backupId)) continue;
      if ((await this.#storage.stat(`backups/${backupId}`)) !== undefined) {
        await this.#storage.delete(name);
      } else if (await this.#isPastDeadline(backupId, nowMs)) {
        await this.#drop(backupId);
        purged.push(backupId);
      }
    }
    return purged;
  }

  /** The backup is committed, whatever happens here: the next `purgeTrash` records it too. */
  async #recordIfPossible(backupId: string): Promise<void> {
    try {
      await recordBackup(this.#storage, backupId);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }

  async #isPastDeadline(backupId: string, nowMs: number): Promise<boolean> {
    try {
      const record = await this.#reader.readTrash(backupId);
      return record !== undefined && record.deadlineMs <= nowMs;
    } catch (error) {
      // Its deadline is not known, so it stays until somebody deletes it again by hand.
      if (isDamaged(error)) return false;
      throw error;
    }
  }

  async #drop(backupId: string): Promise<void> {
    await forgetBackup(this.#storage, backupId);
    await this.#storage.delete(`trash/${backupId}`);
  }

  async #recordAll(): Promise<void> {
    const recorded = await recordedBackups(this.#storage);
    for await (const { name } of this.#storage.list('backups/')) {
      const backupId = idOf(name);
      if (isBackupId(backupId) && !recorded.has(backupId)) await recordBackup(this.#storage, backupId);
    }
  }

  async #trashAgain(backupId: string): Promise<void> {
    try {
      if ((await this.#reader.readTrash(backupId)) !== undefined) return;
      if (!(await recordedBackups(this.#storage)).has(backupId)) throw notFound(backupId);
      // Its manifest is lost, and whoever deletes it knows: it is missed no more.
      await forgetBackup(this.#storage, backupId);
    } catch (error) {
      if (!isDamaged(error)) throw error;
      await this.#drop(backupId);
    }
  }

  #file(type: 'manifest' | 'trash', backupId: string) {
    const name = `${type === 'manifest' ? 'backups' : 'trash'}/${backupId}`;
    return { storage: this.#storage, keys: this.#keys(), type, name } as const;
  }
}

function isDamaged(error: unknown): boolean {
  return error instanceof AppError && error.kind === 'damaged';
}
