import { AppError } from '../../../shared/lib/app-error.ts';
import { compareNames } from '../../../shared/lib/name-order.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import type { Entry } from '../../vault/listing/entry.ts';
import type { Vault, VaultReader } from '../../vault/vault.ts';
import { BlockCursor } from './block-cursor.ts';
import { sameContent } from './entry-equality.ts';
import { isoTimeOfNs } from '../iso-time.ts';
import { listedEntry } from './listed-entry.ts';
import { copiedSources } from './listed-sources.ts';
import type { ListedSource } from './listed-sources.ts';
import { namePattern } from './name-pattern.ts';

export type FindRequest = Readonly<{
  /** See namePattern. */
  name: string;
  /** Looks in so many of the newest backups; all when undefined. */
  newest?: number | undefined;
  signal: AbortSignal;
}>;

/** One backup in which a path is, newest first. */
export type FoundVersion = Readonly<{
  backupId: string;
  timestamp: string;
  kind: Entry['kind'];
  size: number;
  /** ISO 8601 in UTC with nine decimals. */
  mtime: string;
  /** The content is that of the version before (the next one of the list). */
  sameAsPrevious: boolean;
}>;

export type FoundPath = Readonly<{
  component: string;
  volume: string;
  path: string;
  versions: readonly FoundVersion[];
}>;

export type FindResult = Readonly<{
  found: readonly FoundPath[];
  backups: number;
  /** More paths fit than are listed. */
  isCut: boolean;
  /** Sources that could not be looked through, and why. */
  unreadable: readonly Readonly<{ backupId: string; source: string; message: string }>[];
}>;

type Sighting = Readonly<{ backupId: string; timestamp: string; entry: Entry }>;
type Group = Readonly<{ component: string; volume: string; path: string; sightings: Sighting[] }>;

const mostPaths = 10_000;

/** Looks for names in the live backups, newest first. */
export async function findInBackups(vault: Vault, request: FindRequest): Promise<FindResult> {
  if (request.name === '') {
    throw new AppError(
      'usage',
      'Name what is to be found: a part of a file name, or a pattern such as "*.md".',
    );
  }
  const { manifests } = await vault.listManifests();
  const live = manifests.flatMap(({ manifest, state }) => (state === 'live' ? [manifest] : []));
  const looked = live.slice(0, request.newest);
  await using reader = await vault.openReader('find');
  const search = new Search(reader, request);
  for (const manifest of looked) {
    for (const source of copiedSources(manifest)) {
      await search.look(manifest, source);
    }
  }
  return { ...search.result(), backups: looked.length };
}

class Search {
  readonly #reader: VaultReader;
  readonly #signal: AbortSignal;
  readonly #isWanted: (path: Buffer) => boolean;
  readonly #groups = new Map<string, Group>();
  /** What a block holds that fits: most blocks are part of many backups, and are read once. */
  readonly #blocks = new Map<string, readonly Entry[]>();
  readonly #unreadable: FindResult['unreadable'][number][] = [];
  #isCut = false;

  constructor(reader: VaultReader, { name, signal }: FindRequest) {
    this.#reader = reader;
    this.#signal = signal;
    this.#isWanted = namePattern(name);
  }

  async look(manifest: Manifest, source: ListedSource): Promise<void> {
    try {
      const listing = await this.#reader.openListing(source.listing);
      const cursor = new BlockCursor(listing, this.#reader.chunks);
      for (let id = cursor.blockId; id !== undefined; id = cursor.blockId) {
        this.#signal.throwIfAborted();
        for (const entry of await this.#fitting(id, cursor)) {
          this.#add(manifest, source, entry);
        }
        cursor.skipBlock();
      }
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== 'damaged') {
        throw error;
      }
      const { backupId } = manifest;
      this.#unreadable.push({ backupId, source: sourceText(source), message: error.message });
    }
  }

  result(): Omit<FindResult, 'backups'> {
    const found = [...this.#groups.values()]
      .toSorted((one, other) => compareNames(one.volume, other.volume) || compareNames(one.path, other.path))
      .map(({ sightings, ...place }) => ({ ...place, versions: versionsOf(sightings) }));
    return { found, isCut: this.#isCut, unreadable: this.#unreadable };
  }

  async #fitting(id: string, cursor: BlockCursor): Promise<readonly Entry[]> {
    const known = this.#blocks.get(id);
    if (known !== undefined) {
      return known;
    }
    const entries = await cursor.block();
    const fitting = entries.filter(({ path }) => path.length > 0 && this.#isWanted(path));
    this.#blocks.set(id, fitting);
    return fitting;
  }

  #add({ backupId, timestamp }: Manifest, source: ListedSource, entry: Entry): void {
    const key = `${sourceText(source)}\0${entry.path.toString('latin1')}`;
    const group = this.#groups.get(key);
    if (group !== undefined) {
      group.sightings.push({ backupId, timestamp, entry });
    } else if (this.#groups.size < mostPaths) {
      const { component, volume, path } = listedEntry(source, entry);
      this.#groups.set(key, { component, volume, path, sightings: [{ backupId, timestamp, entry }] });
    } else {
      this.#isCut = true;
    }
  }
}

function versionsOf(sightings: readonly Sighting[]): readonly FoundVersion[] {
  return sightings.map(({ backupId, timestamp, entry }, index) => {
    const previous = sightings[index + 1]?.entry;
    return {
      backupId,
      timestamp,
      kind: entry.kind,
      size: entry.kind === 'folder' ? 0 : entry.stat.size,
      mtime: isoTimeOfNs(entry.stat.mtimeNs),
      sameAsPrevious: previous !== undefined && sameContent(entry, previous),
    };
  });
}
