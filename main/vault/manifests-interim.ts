import { AppError, messageOf } from '../../shared/lib/app-error.ts';
import { manifest as manifestModel } from '../../shared/model/manifest.ts';
import type { Manifest } from '../../shared/model/manifest.ts';
import type { Storage } from '../storage/storage.ts';
import { openObject, sealObject } from './format/sealed-object.ts';
import type { ObjectKeys } from './format/sealed-object.ts';
import type { ManifestList, ManifestState, StoredManifest, UnreadableManifest } from './vault.ts';

const maxManifestBytes = 64 * 1024 * 1024;

/** @TODO stands in for main/vault/manifests until that is there. */
export class Manifests {
  readonly #storage: Storage;
  readonly #keys: () => ObjectKeys;

  constructor(storage: Storage, keys: () => ObjectKeys) {
    this.#storage = storage;
    this.#keys = keys;
  }

  async list(): Promise<ManifestList> {
    const manifests: StoredManifest[] = [];
    const unreadable: UnreadableManifest[] = [];
    for (const [prefix, state] of [
      ['backups/', 'live'],
      ['trash/', 'trashed'],
    ] as const) {
      for await (const { name, modifiedMs } of this.#storage.list(prefix)) {
        const backupId = name.slice(prefix.length);
        try {
          const manifest = await this.#read(backupId, state);
          manifests.push(
            state === 'live' ? { manifest, state } : { manifest, state, trashedAtMs: modifiedMs },
          );
        } catch (error) {
          unreadable.push({ backupId, state, reason: messageOf(error) });
        }
      }
    }
    const newestFirst = manifests.toSorted((a, b) =>
      b.manifest.timestamp.localeCompare(a.manifest.timestamp),
    );
    return { manifests: newestFirst, unreadable };
  }

  async load(backupId: string): Promise<StoredManifest> {
    for (const state of ['live', 'trashed'] as const) {
      try {
        return { manifest: await this.#read(backupId, state), state };
      } catch (error) {
        if (!(error instanceof AppError && error.kind === 'not-found')) throw error;
      }
    }
    throw new AppError('not-found', `There is no backup ${backupId}; list shows those that are there.`);
  }

  async write(manifest: Manifest, signal: AbortSignal): Promise<void> {
    const plaintext = Buffer.from(JSON.stringify(manifest));
    const sealed = sealObject(
      { keys: this.#keys(), type: 'manifest', objectId: manifest.backupId },
      plaintext,
    );
    await this.#storage.put(`backups/${manifest.backupId}`, [sealed], { signal });
  }

  async trash(backupId: string, _keepMs: number): Promise<void> {
    await this.#move(backupId, 'backups', 'trash', new AbortController().signal);
  }

  async undelete(backupId: string, signal: AbortSignal): Promise<void> {
    await this.#move(backupId, 'trash', 'backups', signal);
  }

  async #move(backupId: string, from: string, to: string, signal: AbortSignal): Promise<void> {
    const bytes = await this.#storage.read(`${from}/${backupId}`, maxManifestBytes, { signal });
    await this.#storage.put(`${to}/${backupId}`, [bytes], { signal });
    await this.#storage.delete(`${from}/${backupId}`, { signal });
  }

  async #read(backupId: string, state: ManifestState): Promise<Manifest> {
    const folder = state === 'live' ? 'backups' : 'trash';
    const sealed = await this.#storage.read(`${folder}/${backupId}`, maxManifestBytes);
    const bytes = openObject({ keys: this.#keys(), type: 'manifest', objectId: backupId }, sealed);
    const parsed = manifestModel.safeParse(JSON.parse(bytes.toString('utf8')));
    if (!parsed.success)
      throw new AppError('damaged', `The manifest of backup ${backupId} says what cannot be.`);
    return parsed.data;
  }
}
