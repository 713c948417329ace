import { AppError, messageOf } from '../../shared/lib/app-error.ts';
import type { Manifest } from '../../shared/model/manifest.ts';
import type { Storage } from '../storage/storage.ts';
import type { ChunkReader } from './chunks/chunk-store.ts';
import { openListing } from './listing/open-listing.ts';
import { findLocks } from './locks/lock-record.ts';
import { generationOf } from './locks/writer-claim.ts';
import type { ManifestList, StoredManifest, UnreadableManifest } from './manifests/stored-manifest.ts';

type Settings = Readonly<{
  storage: Storage;
  /** A reader whose index is up to date. */
  openReader: () => Promise<ChunkReader>;
}>;

/**
 * A writer that slept while another took over the vault may wake within its commit, after the collection has let go of its chunks.
 * Such a manifest is listed only when everything that it names is there.
 */
export class LateCommits {
  readonly #settings: Settings;
  /** Whether a late backup is whole, by its id. */
  readonly #judged = new Map<string, UnreadableManifest | undefined>();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** The list without late manifests that lack something; those are told as unreadable. */
  async judge(list: ManifestList): Promise<ManifestList> {
    const late = await this.#findLate(list);
    const bad = new Map<string, UnreadableManifest>();
    for (const { manifest } of late) {
      const judgement = await this.#judgeOne(manifest);
      if (judgement !== undefined) {
        bad.set(manifest.backupId, judgement);
      }
    }
    if (bad.size === 0) {
      return list;
    }
    return {
      manifests: list.manifests.filter(({ manifest }) => !bad.has(manifest.backupId)),
      unreadable: [...list.unreadable, ...bad.values()],
    };
  }

  /** Of an older generation than the lock, and written since the lock was taken. */
  async #findLate(list: ManifestList): Promise<readonly StoredManifest[]> {
    const lock = await this.#newestLock();
    const older = list.manifests.filter(
      ({ manifest, state }) => state === 'live' && manifest.generation < lock.generation,
    );
    if (older.length === 0) {
      return [];
    }
    const written = new Map<string, number>();
    for await (const { name, modifiedMs } of this.#settings.storage.list('backups/')) {
      written.set(name, modifiedMs);
    }
    return older.filter(({ manifest }) => (written.get(`backups/${manifest.backupId}`) ?? 0) > lock.sinceMs);
  }

  async #newestLock(): Promise<Readonly<{ generation: number; sinceMs: number }>> {
    let newest = { generation: 0, sinceMs: 0 };
    for (const { name, record } of await findLocks(this.#settings.storage, 'locks/writer-')) {
      const generation = generationOf(name) ?? 0;
      if (record !== undefined && generation > newest.generation) {
        newest = { generation, sinceMs: record.sinceMs };
      }
    }
    return newest;
  }

  async #judgeOne(manifest: Manifest): Promise<UnreadableManifest | undefined> {
    const { backupId } = manifest;
    if (!this.#judged.has(backupId)) {
      const reason = await this.#problemOf(manifest);
      this.#judged.set(backupId, reason === undefined ? undefined : { backupId, state: 'live', reason });
    }
    return this.#judged.get(backupId);
  }

  async #problemOf(manifest: Manifest): Promise<string | undefined> {
    const reader = await this.#settings.openReader();
    try {
      for (const { listing: root } of manifest.sources) {
        if (root === undefined) continue;
        const listing = await openListing(reader, root);
        for await (const id of listing.allChunks()) {
          if (reader.lengthOf(id) === undefined) {
            return 'It was written after another run had taken over the vault, and parts of it are gone. Delete it.';
          }
        }
      }
      return undefined;
    } catch (error) {
      if (error instanceof AppError && error.kind === 'damaged') {
        return messageOf(error);
      }
      throw error;
    }
  }
}
