import { AppError } from '../../../shared/lib/app-error.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import { chunkIdBytes } from '../../vault/chunks/chunk-store.ts';
import type { Listing } from '../../vault/listing/listing.ts';
import type { Vault, VaultWriter } from '../../vault/vault.ts';

const idsPerQuestion = 8192;

/**
 * Checks the structure of a new backup: its manifest opens, so do its listings, and the vault holds every chunk that they name.
 * `damaged` otherwise, so that a bad backup is known now and not at the restore.
 */
export async function checkCommitted(vault: Vault, writer: VaultWriter, manifest: Manifest): Promise<void> {
  await vault.loadManifest(manifest.backupId);
  for (const source of manifest.sources) {
    if (source.listing === undefined) continue;
    const missing = await countMissing(await writer.openListing(source.listing), writer);
    if (missing === 0) continue;
    const what = `${String(missing)} chunks of ${sourceText(source)}`;
    throw new AppError(
      'damaged',
      `The vault lacks ${what} of the new backup ${manifest.backupId}. Run verify, then back up again.`,
    );
  }
}

async function countMissing(listing: Listing, writer: VaultWriter): Promise<number> {
  let missing = 0;
  let ids: Uint8Array[] = [];
  const ask = (): void => {
    const known = writer.chunks.knows(Buffer.concat(ids, ids.length * chunkIdBytes));
    for (const isKnown of known) if (isKnown === 0) missing += 1;
    ids = [];
  };
  for await (const id of listing.allChunks()) {
    // A copy: the next one may come in the same memory.
    ids.push(Uint8Array.from(id));
    if (ids.length === idsPerQuestion) ask();
  }
  ask();
  return missing;
}
