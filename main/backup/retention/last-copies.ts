import { assertBackupId } from '../../../shared/model/backup-id.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import type { FileEntry } from '../../vault/listing/entry.ts';
import type { VaultReader } from '../../vault/vault.ts';
import { BlockCursor } from '../browse/block-cursor.ts';
import { sameContent } from '../browse/entry-equality.ts';
import { listedEntry, type ListedEntry } from '../browse/listed-entry.ts';
import { copiedSources, type ListedSource } from '../browse/listed-sources.ts';
import { pairedEntries } from '../browse/paired-entries.ts';
import type { RunOptions, ServiceContext } from '../services.ts';

const namedAtMost = 1000;

/** Files as they are in one backup and in no other that stays. */
export type LastCopies = Readonly<{
  backupId: string;
  count: number;
  bytes: number;
  /** The first thousand, by source and path. */
  files: readonly ListedEntry[];
}>;

/**
 * What would be lost for good with a backup: files whose content, under their path, no other backup of the install holds that stays.
 * `going` are the backups that go with it.
 */
export async function lastCopies(
  { vault, installSettings }: ServiceContext,
  backupId: string,
  going: ReadonlySet<string>,
  { signal }: RunOptions,
): Promise<LastCopies> {
  assertBackupId(backupId);
  const { manifest } = await vault.loadManifest(backupId);
  const { manifests } = await vault.listManifests();
  const staying = manifests
    .filter(({ state }) => state === 'live')
    .map((stored) => stored.manifest)
    .filter((other) => other.installId === installSettings.installId)
    .filter((other) => other.backupId !== backupId && !going.has(other.backupId))
    .toSorted((a, b) => distance(a, manifest) - distance(b, manifest));
  await using reader = await vault.openReader('prune');
  const files: ListedEntry[] = [];
  let count = 0;
  let bytes = 0;
  for (const source of copiedSources(manifest)) {
    for (const file of await onlyHere({ source, others: othersOf(source, staying), reader, signal })) {
      count += 1;
      bytes += file.stat.size;
      if (files.length < namedAtMost) files.push(listedEntry(source, file));
    }
  }
  return { backupId, count, bytes, files };
}

/** The nearest in time differ least, so that few files are left to look for in the others. */
function distance(a: Manifest, b: Manifest): number {
  return Math.abs(Date.parse(a.timestamp) - Date.parse(b.timestamp));
}

/** Further listings of a source, each once. */
function othersOf(source: ListedSource, staying: readonly Manifest[]): readonly ListedSource[] {
  const others = new Map<string, ListedSource>();
  for (const other of staying.flatMap((manifest) => copiedSources(manifest))) {
    const key = other.listing.rootChunks.join();
    if (sourceText(other) === sourceText(source) && !others.has(key)) others.set(key, other);
  }
  return [...others.values()];
}

type Search = Readonly<{
  source: ListedSource;
  others: readonly ListedSource[];
  reader: VaultReader;
  signal: AbortSignal;
}>;

async function onlyHere({ source, others, reader, signal }: Search): Promise<Iterable<FileEntry>> {
  if (others.some(({ listing }) => listing.checksum === source.listing.checksum)) return [];
  const cursorOf = async ({ listing }: ListedSource): Promise<BlockCursor> =>
    new BlockCursor(await reader.openListing(listing), reader.chunks);
  let left: ReadonlyMap<string, FileEntry> | undefined;
  for (const other of others.length === 0 ? [undefined] : others) {
    const next = new Map<string, FileEntry>();
    const there = other === undefined ? undefined : await cursorOf(other);
    for await (const { old, now } of pairedEntries(await cursorOf(source), there)) {
      signal.throwIfAborted();
      if (old?.kind !== 'file' || (now !== undefined && sameContent(old, now))) continue;
      const path = old.path.toString('latin1');
      if (left === undefined || left.has(path)) next.set(path, old);
    }
    left = next;
    if (left.size === 0) break;
  }
  return left?.values() ?? [];
}
