import { pathText } from '../../../platform/path-text.ts';
import type { ChunkReader } from '../../../vault/chunks/chunk-store.ts';
import type { Entry } from '../../../vault/listing/entry.ts';
import type { Listing } from '../../../vault/listing/listing.ts';
import { ContentCheck } from '../../../vault/upkeep/verify-content.ts';
import type { FindingList } from '../../finding-list.ts';

export type Wants = (entry: Entry) => boolean;

type Salvage = Readonly<{
  listing: Listing;
  reader: ChunkReader;
  wants: Wants;
  /** Told of each file that is left out, by name. */
  warnings: FindingList;
  place: Readonly<{ component: string; volume: string }>;
  signal: AbortSignal;
}>;

/**
 * Reads all wanted content as a restore does and tells what can be restored: the entries but those whose content is damaged, with
 * their further names. Undefined when no file is damaged, or none is left. Rejects with `damaged` when entries do not decode.
 */
export async function undamagedOf(salvage: Salvage): Promise<Wants | undefined> {
  const { listing, reader, wants, signal } = salvage;
  const check = new ContentCheck(reader, { signal, onBytes: () => undefined });
  const damaged = new Set<string>();
  for await (const { file } of check.wrongFiles(listing, wants)) damaged.add(keyOf(file.path));
  if (damaged.size === 0) return undefined;
  const isDamaged = (entry: Entry): boolean =>
    damaged.has(keyOf(entry.kind === 'hardlink' ? entry.linkTo : entry.path));
  let isAnyLeft = false;
  for await (const entry of listing.entries()) {
    signal.throwIfAborted();
    if (entry.kind === 'folder' || !wants(entry)) continue;
    if (isDamaged(entry)) tell(salvage, entry);
    else isAnyLeft = true;
  }
  return isAnyLeft ? (entry) => wants(entry) && !isDamaged(entry) : undefined;
}

function tell({ warnings, place }: Salvage, { path }: Entry): void {
  const message = 'It is damaged in this backup, and was left out: restore it from another backup.';
  warnings.add({ code: 'damaged', message, ...place, path: pathText(path) });
}

function keyOf(path: Buffer): string {
  return path.toString('latin1');
}
