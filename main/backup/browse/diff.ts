import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Change } from '../../../shared/model/comparison.ts';
import type { ManifestSource } from '../../../shared/model/manifest.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { Entry } from '../../vault/listing/entry.ts';
import type { Vault, VaultReader } from '../../vault/vault.ts';
import { BlockCursor } from './block-cursor.ts';
import { sameContent, sameMetadata } from './entry-equality.ts';
import { listedEntry } from './listed-entry.ts';
import type { ListedEntry } from './listed-entry.ts';
import { copiedSources } from './listed-sources.ts';
import type { ListedSource } from './listed-sources.ts';
import { pairedEntries } from './paired-entries.ts';
import { loadRequested } from '../restore/restore-request.ts';

export type DiffEntry = Readonly<{
  change: Change;
  component: string;
  volume: string;
  path: string;
  before: ListedEntry | undefined;
  after: ListedEntry | undefined;
}>;

/** Entries that are compared in one turn: some milliseconds. */
const entriesInTurn = 2048;

type Pair = Readonly<{ before: ListedSource | undefined; after: ListedSource | undefined }>;

/**
 * What differs from the first backup to the second, source by source, in order of paths. Sources that either backup could not copy
 * are left out. `usage`, `not-found` or `damaged`.
 */
export async function* diffBackups(
  vault: Vault,
  firstId: string,
  secondId: string,
): AsyncGenerator<DiffEntry> {
  const first = await loadRequested(vault, firstId);
  const second = await loadRequested(vault, secondId);
  await using reader = await vault.openReader('diff');
  const failed = new Set(
    [...first.sources, ...second.sources].filter(({ state }) => state === 'failed').map(sourceText),
  );
  for (const pair of pairs(copiedSources(first), copiedSources(second))) {
    const source = pair.before ?? pair.after;
    const isSame = pair.before?.listing.checksum === pair.after?.listing.checksum;
    if (source !== undefined && !isSame && !failed.has(sourceText(source))) {
      yield* diffSource(pair, source, reader);
    }
  }
}

function pairs(first: readonly ListedSource[], second: readonly ListedSource[]): readonly Pair[] {
  const after = new Map(second.map((source) => [sourceText(source), source]));
  const common = first.map((before) => ({ before, after: after.get(sourceText(before)) }));
  const known = new Set(first.map(sourceText));
  const added = second.filter((source) => !known.has(sourceText(source)));
  return [...common, ...added.map((source) => ({ before: undefined, after: source }))];
}

async function* diffSource(
  pair: Pair,
  source: ManifestSource,
  reader: VaultReader,
): AsyncGenerator<DiffEntry> {
  const before = await cursorOf(pair.before, reader);
  const after = await cursorOf(pair.after, reader);
  let inTurn = 0;
  for await (const { old, now } of pairedEntries(before, after)) {
    inTurn += 1;
    if (inTurn % entriesInTurn === 0) await yieldToOthers();
    const difference = differenceOf(old, now, source);
    if (difference !== undefined) yield difference;
  }
}

async function cursorOf(
  source: ListedSource | undefined,
  reader: VaultReader,
): Promise<BlockCursor | undefined> {
  return source === undefined
    ? undefined
    : new BlockCursor(await reader.openListing(source.listing), reader.chunks);
}

function differenceOf(
  old: Entry | undefined,
  now: Entry | undefined,
  source: ManifestSource,
): DiffEntry | undefined {
  const change = changeOf(old, now);
  // Most are the same: nothing is made of them.
  if (change === undefined) {
    return undefined;
  }
  const before = old === undefined ? undefined : listedEntry(source, old);
  const after = now === undefined ? undefined : listedEntry(source, now);
  const path = (before ?? after)?.path ?? '';
  return { change, component: source.component, volume: source.volume, path, before, after };
}

function changeOf(old: Entry | undefined, now: Entry | undefined): Change | undefined {
  if (old === undefined || now === undefined) {
    return old === undefined ? 'added' : 'removed';
  }
  if (!sameContent(old, now)) {
    return 'changed';
  }
  return sameMetadata(old, now) ? undefined : 'metadata';
}
