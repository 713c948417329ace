import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import type { ListingRoot, Manifest } from '../../../shared/model/manifest.ts';
import { chunkIdBytes } from '../chunks/chunk-store.ts';
import { maxSealedBytes, openObject } from '../format/sealed-object.ts';
import { recordBackup } from '../manifests/known-backups.ts';
import { maxManifestBytes } from '../manifests/manifest-reader.ts';
import type { Storage } from '../../storage/storage.ts';
import { listingsOf } from '../upkeep/needed-chunks.ts';
import { PackSender } from './pack-sender.ts';
import type { Transfer } from './pack-sender.ts';

/** Why a backup could not be copied, in one sentence; undefined: it was. */
export type CopyProblem = string | undefined;

/** Chunks that are looked for at once: their packs may hold some dozen GB. */
const mostWanted = 65_536;

/** Copies whole backups from one storage of a vault to another: packs, then the index, then the manifest. */
export class BackupCopier {
  readonly sender: PackSender;
  readonly #transfer: Transfer & Readonly<{ target: Storage }>;
  /** Listings of which everything is at the target. */
  readonly #whole = new Set<string>();

  /** `present` are backups that the target holds. */
  constructor(transfer: Transfer & Readonly<{ target: Storage }>, present: readonly Manifest[]) {
    this.#transfer = transfer;
    this.sender = new PackSender(transfer);
    // With anything lost there, nothing is taken for granted.
    if (transfer.to.lostChunks().length > 0) return;
    for (const manifest of present) this.#addWhole(manifest);
  }

  /** The backup is durable and listed at the target when it resolves with nothing. What is damaged there is never listed. */
  async copy(backupId: string): Promise<CopyProblem> {
    const { from } = this.#transfer;
    try {
      const { manifest } = await from.vault.loadManifest(backupId);
      for (const [source, root] of listingsOf(manifest)) {
        const lost = await this.#copyListing(root);
        if (lost > 0) return `${source} of backup ${backupId} is damaged, so that it was not copied.`;
      }
      await this.#commit(backupId);
      this.#addWhole(manifest);
      return undefined;
    } catch (error) {
      if (!(error instanceof AppError) || (error.kind !== 'damaged' && error.kind !== 'not-found'))
        throw error;
      await this.#examine(error.details['packs']);
      return `Backup ${backupId} cannot be copied: ${messageOf(error)}`;
    }
  }

  /** A listing that does not open names the packs that should have held it. */
  async #examine(packs: unknown): Promise<void> {
    if (!Array.isArray(packs)) return;
    for (const packId of packs) if (typeof packId === 'string') await this.sender.examine(packId);
  }

  /** Brings every chunk that the listing needs; gives the number of those that cannot be had. */
  async #copyListing(root: ListingRoot): Promise<number> {
    const { from, to, signal } = this.#transfer;
    if (this.#whole.has(keyOf(root))) return 0;
    let wanted: Uint8Array[] = [];
    let lost = 0;
    const listing = await from.reader.openListing(root);
    for await (const id of listing.allChunks()) {
      signal.throwIfAborted();
      if (wanted.length === mostWanted) {
        lost += (await this.sender.bring(wanted)).length;
        wanted = [];
      }
      // A copy, since the next one may come in the same memory.
      if (to.chunks.knows(id)[0] !== 1) wanted.push(Uint8Array.from(id.subarray(0, chunkIdBytes)));
    }
    return lost + (await this.sender.bring(wanted)).length;
  }

  /** The object as it is: it opens under the same keys at its name. */
  async #commit(backupId: string): Promise<void> {
    const { from, to, target, signal } = this.#transfer;
    const name = `backups/${backupId}`;
    const bytes = await from.vault.storage.read(name, maxManifestBytes, { signal });
    openObject({ keys: from.vault.objectKeys, type: 'manifest', objectId: backupId }, bytes);
    await to.chunks.flush(signal);
    await to.assertHeld();
    await target.put(name, [bytes]);
    await recordBackup(target, backupId);
  }

  #addWhole(manifest: Manifest): void {
    for (const [, root] of listingsOf(manifest)) this.#whole.add(keyOf(root));
  }
}

/** Puts a deleted backup into the trash of the target as it lies in that of the source, with its deadline. */
export async function copyTrash(
  transfer: Transfer & Readonly<{ target: Storage }>,
  backupId: string,
): Promise<void> {
  const { from, to, target, signal } = transfer;
  const name = `trash/${backupId}`;
  const bytes = await from.vault.storage.read(name, maxSealedBytes, { signal });
  openObject({ keys: from.vault.objectKeys, type: 'trash', objectId: backupId }, bytes);
  await to.assertHeld();
  await target.put(name, [bytes]);
  await target.delete(`backups/${backupId}`);
}

function keyOf(root: ListingRoot): string {
  return root.rootChunks.join();
}
