import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { isBackupId } from '../../../shared/model/backup-id.ts';
import { manifest as manifestSchema } from '../../../shared/model/manifest.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import type { ObjectInfo, Storage } from '../../storage/storage.ts';
import { parseBoundedJson } from '../format/bounded-json.ts';
import { readOrMissing } from '../format/copied-object.ts';
import { readSealed } from '../format/sealed-file.ts';
import { openObject } from '../format/sealed-object.ts';
import type { ObjectKeys } from '../format/sealed-object.ts';
import { ObjectMemory, type ReadObject } from './object-memory.ts';
import type { InTrash, ManifestList, StoredManifest, UnreadableManifest } from './stored-manifest.ts';
import { decodeTrashRecord } from './trash-record.ts';
import type { TrashRecord } from './trash-record.ts';

type Found = Readonly<{ stored: StoredManifest } | { unreadable: UnreadableManifest } | undefined>;

/** Sealed. Some hundred bytes for each source and finding; what reads many at once must not be made to hold much. */
export const maxManifestBytes = 32 * 1024 * 1024;

/** Reads manifests, live and in the trash, and remembers those whose objects stay the same. Needs no lock. */
export class ManifestReader {
  readonly #storage: Storage;
  readonly #keys: () => ObjectKeys;
  readonly #memory = new ObjectMemory<Found>();

  constructor(storage: Storage, keys: () => ObjectKeys) {
    this.#storage = storage;
    this.#keys = keys;
  }

  /** All backups, newest first. What does not open is reported, and objects of foreign names with it; only a lost storage throws. */
  async list(): Promise<ManifestList> {
    const objects = await this.#listObjects();
    const found = await this.#memory.readAll(objects, async (name) => await this.#readObject(name));
    const manifests = found.flatMap((each) => (each !== undefined && 'stored' in each ? [each.stored] : []));
    const unreadable = found.flatMap((each) =>
      each !== undefined && 'unreadable' in each ? [each.unreadable] : [],
    );
    return { manifests: newestFirst(manifests), unreadable };
  }

  /** `not-found`, or `damaged` when it does not open. */
  async load(backupId: string): Promise<StoredManifest> {
    const live = isBackupId(backupId) ? await this.#readLive(backupId) : undefined;
    if (live !== undefined) return { manifest: live, state: 'live' };
    const record = isBackupId(backupId) ? await this.readTrash(backupId) : undefined;
    if (record === undefined) throw notFound(backupId);
    const { trashedAtMs, deadlineMs } = record;
    return { manifest: this.#open(backupId, record.object), state: 'trashed', trashedAtMs, deadlineMs };
  }

  /** What lies in the trash under this id; `damaged` when it does not open. */
  async readTrash(backupId: string): Promise<TrashRecord | undefined> {
    try {
      return decodeTrashRecord(
        await readSealed({
          storage: this.#storage,
          keys: this.#keys(),
          type: 'trash',
          name: `trash/${backupId}`,
        }),
      );
    } catch (error) {
      if (error instanceof AppError && error.kind === 'not-found') return undefined;
      throw error;
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

  async #readObject(name: string): Promise<ReadObject<Found>> {
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
      const inTrash = state === 'trashed' ? await this.#inTrash(backupId) : {};
      const unreadable = { backupId, state, reason: messageOf(error), ...inTrash } as const;
      return { found: { unreadable }, isSettled: error.kind === 'damaged' };
    }
  }

  async #inTrash(backupId: string): Promise<InTrash> {
    try {
      const record = isBackupId(backupId) ? await this.readTrash(backupId) : undefined;
      return record === undefined ? {} : { trashedAtMs: record.trashedAtMs, deadlineMs: record.deadlineMs };
    } catch (error) {
      if (error instanceof AppError && error.kind === 'damaged') return {};
      throw error;
    }
  }

  async #readLive(backupId: string): Promise<Manifest | undefined> {
    const bytes = await readOrMissing(this.#storage, `backups/${backupId}`, maxManifestBytes);
    return bytes && this.#open(backupId, bytes);
  }

  #open(backupId: string, bytes: Buffer): Manifest {
    const plaintext = openObject({ keys: this.#keys(), type: 'manifest', objectId: backupId }, bytes);
    const parsed = parseBoundedJson(manifestSchema, plaintext);
    if (parsed?.backupId !== backupId || parsed.vaultId !== this.#keys().vaultId) {
      throw new AppError('damaged', `The manifest of backup ${backupId} is not what this version can read.`);
    }
    return parsed;
  }
}

/** The id in the name of an object. */
export function idOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

export function notFound(backupId: string): AppError {
  return new AppError('not-found', `There is no backup ${backupId}. List the backups with list.`);
}

/** The time of each is read once: comparing ten thousand would read it hundreds of thousands of times. */
function newestFirst(manifests: readonly StoredManifest[]): readonly StoredManifest[] {
  return manifests
    .map((stored) => ({ stored, atMs: Date.parse(stored.manifest.timestamp) }))
    .toSorted(
      (one, other) =>
        other.atMs - one.atMs || one.stored.manifest.backupId.localeCompare(other.stored.manifest.backupId),
    )
    .map(({ stored }) => stored);
}

function foreignName(name: string): AppError {
  return new AppError(
    'damaged',
    `The object ${name} has no name of a backup. Give it its old name, or take it away.`,
  );
}
