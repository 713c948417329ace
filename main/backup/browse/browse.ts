import { AppError } from '../../../shared/lib/app-error.ts';
import { sourceText } from '../../../shared/model/component.ts';
import { pathBytes } from '../../platform/path-text.ts';
import type { Entry } from '../../vault/listing/entry.ts';
import type { Listing } from '../../vault/listing/listing.ts';
import type { Vault } from '../../vault/vault.ts';
import { childrenAt, readFolderMarks } from './folder/folder-marks.ts';
import { rememberedMarks } from './folder/folder-memory.ts';
import { listedEntry } from './listed-entry.ts';
import type { ListedEntry } from './listed-entry.ts';
import { listedSources } from './listed-sources.ts';
import type { ListedSource } from './listed-sources.ts';
import { loadRequested } from '../restore/restore-request.ts';

export type BrowseRequest = Readonly<{
  component?: string | undefined;
  volume?: string | undefined;
  /** Shown text: relative to the root of a source, or `<component>/<path>`, `<component>/<volume>/<path>`. The root if absent. */
  path?: string | undefined;
}>;

export type FilePage = Readonly<{
  files: readonly ListedEntry[];
  /** Of the whole folder, not of the page. */
  total: number;
}>;

/**
 * What lies directly in a folder of a backup, of every source that has it, in order; of any other path the entry itself. `usage`,
 * `not-found` or `damaged`.
 */
export async function* listFiles(
  vault: Vault,
  backupId: string,
  request: BrowseRequest,
): AsyncGenerator<ListedEntry> {
  const manifest = await loadRequested(vault, backupId);
  const sources = listedSources(manifest, request);
  await using reader = await vault.openReader('files');
  let isFound = false;
  for (const source of sources) {
    const listing = await reader.openListing(source.listing);
    if (isComponentOf(source, request.path)) {
      const root = await listing.entry(Buffer.alloc(0));
      isFound ||= root !== undefined;
      if (root !== undefined) yield listedEntry(source, root);
    }
    for (const path of pathsIn(source, request.path)) {
      const entry = await listing.entry(path);
      isFound ||= entry !== undefined;
      for await (const found of entry === undefined ? [] : entriesAt(listing, entry)) {
        yield listedEntry(source, found);
      }
    }
  }
  if (!isFound) {
    throw nothingAt(backupId, request.path);
  }
}

/** So many entries of a folder of one source from a position on, wherever it is: for folders of a million. */
export async function listFilesPage(
  vault: Vault,
  backupId: string,
  request: Readonly<{
    component: string;
    volume: string;
    path: string;
    offset: number;
    limit: number;
    signal: AbortSignal;
  }>,
): Promise<FilePage> {
  const [source] = listedSources(await loadRequested(vault, backupId), request);
  await using reader = await vault.openReader('files');
  const folder = cleaned(pathBytes(request.path));
  const listing = source === undefined ? undefined : await reader.openListing(source.listing);
  if (source === undefined || listing === undefined || (await listing.entry(folder))?.kind !== 'folder') {
    throw nothingAt(backupId, request.path);
  }
  const { chunks } = reader;
  const { signal } = request;
  const marks = await rememberedMarks(
    vault,
    { checksum: source.listing.checksum, folder },
    async () => await readFolderMarks({ listing, chunks, folder, signal }),
  );
  const entries = await childrenAt(listing, folder, marks, request);
  return { files: entries.map((entry) => listedEntry(source, entry)), total: marks.total };
}

async function* entriesAt(listing: Listing, entry: Entry): AsyncIterable<Entry> {
  if (entry.kind === 'folder') {
    yield* listing.children(entry.path);
  } else {
    yield entry;
  }
}

/** `memory` is no folder of any source: what lies in it are its volumes. */
function isComponentOf({ component, volume }: ListedSource, text: string | undefined): boolean {
  return text !== undefined && volume !== '' && cleaned(pathBytes(text)).equals(Buffer.from(component));
}

/** The path as it is meant within a source: as it stands, or after the source's own name. */
function pathsIn(source: ListedSource, text: string | undefined): readonly Buffer[] {
  if (text === undefined) {
    return [Buffer.alloc(0)];
  }
  const path = cleaned(pathBytes(text));
  const name = Buffer.from(sourceText(source));
  if (path.equals(name)) {
    return [path, Buffer.alloc(0)];
  }
  const within = Buffer.concat([name, Buffer.from('/')]);
  return path.subarray(0, within.length).equals(within) ? [path, path.subarray(within.length)] : [path];
}

/** Without slashes at its ends, and `.` as the root. */
function cleaned(path: Buffer): Buffer {
  const slash = 0x2f;
  let start = 0;
  let end = path.length;
  while (start < end && path[start] === slash) {
    start += 1;
  }
  while (end > start && path[end - 1] === slash) {
    end -= 1;
  }
  const within = path.subarray(start, end);
  return within.equals(Buffer.from('.')) ? Buffer.alloc(0) : within;
}

function nothingAt(backupId: string, path: string | undefined): AppError {
  return new AppError(
    'not-found',
    `Backup ${backupId} holds no "${path ?? ''}". Look for it with find, or start at the top with files.`,
  );
}
