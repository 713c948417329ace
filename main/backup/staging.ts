import { chmodSync, chownSync, statSync } from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import { sourceText } from '../../shared/model/component.ts';
import type { Finding } from '../../shared/model/finding.ts';
import type { ManifestSource } from '../../shared/model/manifest.ts';
import { workFolderName, workFolderPrefix } from '../components/work-folder.ts';
import { syncFolder } from '../platform/atomic-file.ts';
import { restoreTree } from '../vault/restore/restore-tree.ts';
import type { Entry } from '../vault/listing/entry.ts';
import type { Listing } from '../vault/listing/listing.ts';
import type { VaultReader } from '../vault/vault.ts';
import { FindingList } from './finding-list.ts';
import { readMeta } from './folder-meta.ts';
import { toJournalMeta, toJournalPlace } from './journal.ts';
import type { JournalFolder, OpenJournal } from './journal.ts';
import { applyFolders } from './swap-run.ts';
import { removeTree } from './remove-tree.ts';
import { placeAt } from './safe-place.ts';
import { undamagedOf } from './salvage.ts';
import type { Wants } from './salvage.ts';
import type { RunOptions } from './services.ts';

/** Room that stays free, and what an entry takes besides its content. */
const spareBytes = 16 * 1024 * 1024;
const bytesPerEntry = 4096;

export type StagedTree = Readonly<{ source: ManifestSource; folder: string; isWhole: boolean }>;

type Tree = Readonly<{
  source: ManifestSource;
  listing: Listing;
  folder: string;
  wants: Wants | undefined;
}>;

/** Makes our folders and writes sources of a backup into them; everything is named in the journal before it is made. */
export class Staging {
  readonly warnings = new FindingList();
  readonly notes = new FindingList();
  readonly staged: StagedTree[] = [];
  readonly #journal: OpenJournal;
  readonly #reader: VaultReader;
  readonly #options: RunOptions;
  readonly #exactMetadata: boolean;
  readonly #salvages: boolean;

  constructor(
    parts: Readonly<{
      journal: OpenJournal;
      reader: VaultReader;
      options: RunOptions;
      exactMetadata: boolean;
      /** Damaged files are left out with a warning, instead of failing the restore. */
      salvages?: boolean;
    }>,
  ) {
    this.#journal = parts.journal;
    this.#reader = parts.reader;
    this.#options = parts.options;
    this.#exactMetadata = parts.exactMetadata;
    this.#salvages = parts.salvages ?? false;
  }

  get signal(): AbortSignal {
    return this.#options.signal;
  }

  async openListing(source: ManifestSource): Promise<Listing> {
    if (source.listing === undefined) throw new Error(`${sourceText(source)} has no listing.`);
    return await this.#reader.openListing(source.listing);
  }

  /** A folder (0700) of ours, with `parked` in it. The folder that it is made in is remembered as it was. */
  async openWorkFolder(folder: string, purpose: string): Promise<string> {
    const { restoreId, workFolders } = this.#journal.content;
    const work = path.join(folder, workFolderName(restoreId, purpose));
    if (workFolders.includes(work)) return work;
    await this.#journal.update({ workFolders: [...workFolders, work], folders: this.#foldersWith(folder) });
    await makeNew(work);
    await makeNew(path.join(work, 'parked'));
    // A safety backup has to see the folder as it was.
    applyFolders(
      this.#journal.content.folders.filter(({ live }) => live.root === folder && live.path === ''),
      'before',
    );
    return work;
  }

  async ensureFolder(folder: string, mode = 0o755): Promise<void> {
    const missing = missingFolders(folder);
    const [first] = missing;
    if (first === undefined) return;
    await this.#journal.update({
      madeFolders: [...this.#journal.content.madeFolders, ...missing],
      folders: this.#foldersWith(path.dirname(first)),
    });
    const owner = statSync(path.dirname(first));
    for (const made of missing) {
      await makeFolder(made);
      chmodSync(made, mode);
      if (process.getuid?.() === 0) chownSync(made, owner.uid, owner.gid);
      await syncFolder(path.dirname(made));
    }
  }

  /**
   * Writes the source, or `paths` of it, into a new folder; content was checked and is on the disk when it resolves. False when
   * damaged files were left out.
   */
  async stage(source: ManifestSource, folder: string, paths?: readonly Buffer[]): Promise<boolean> {
    const listing = await this.openListing(source);
    await requireSpace(path.dirname(folder), await neededBytes(listing, paths));
    const wants = paths === undefined ? undefined : isWithin(paths);
    const isWhole = await this.#writeOrSalvage({ source, listing, folder, wants });
    this.staged.push({ source, folder, isWhole: isWhole && paths === undefined });
    return isWhole;
  }

  async #writeOrSalvage(tree: Tree): Promise<boolean> {
    try {
      await this.#write(tree);
      return true;
    } catch (error) {
      if (!this.#salvages || !(error instanceof AppError && error.kind === 'damaged')) throw error;
      const { source, listing, folder, wants = () => true } = tree;
      await removeTree(placeAt(folder));
      const { component, volume } = source;
      const { warnings, signal } = this;
      const reader = this.#reader.chunks;
      const place = { component, volume };
      const undamaged = await undamagedOf({ listing, reader, wants, warnings, place, signal });
      if (undamaged === undefined) throw error;
      await this.#write({ ...tree, wants: undamaged });
      return false;
    }
  }

  async #write({ source, listing, folder, wants }: Tree): Promise<void> {
    await makeNew(folder);
    const phase = sourceText(source);
    const { warnings, notes } = await restoreTree({
      listing,
      reader: this.#reader.chunks,
      target: folder,
      ...(wants === undefined ? {} : { wants }),
      exactMetadata: this.#exactMetadata,
      signal: this.signal,
      onProgress: ({ bytes }) =>
        this.#options.onProgress?.({
          phase,
          done: bytes,
          total: listing.root.bytes,
          unit: 'bytes',
          detail: '',
        }),
    });
    this.#addAll(this.warnings, warnings, source);
    this.#addAll(this.notes, notes, source);
  }

  #addAll(list: FindingList, findings: readonly Finding[], { component, volume }: ManifestSource): void {
    list.addAll(findings, { component, volume });
  }

  /** The journal's folders and one more, as it is now. */
  #foldersWith(folder: string): JournalFolder[] {
    const { folders } = this.#journal.content;
    if (folders.some(({ live }) => live.root === folder && live.path === '')) return folders;
    const live = { root: folder, path: Buffer.alloc(0) };
    const meta = readMeta(live);
    if (meta === undefined) throw new Error(`${folder} has gone.`);
    const noted = toJournalMeta(meta);
    return [...folders, { live: toJournalPlace(live), before: noted, after: noted }];
  }
}

async function makeFolder(folder: string, mode?: number): Promise<void> {
  try {
    await mkdir(folder, mode);
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM', 'EROFS')) throw error;
    throw new AppError(
      'failed',
      `${path.dirname(folder)} cannot be written. Give this user the right to, then try again.`,
      {
        cause: error,
      },
    );
  }
}

/** Nothing that is there already is ever taken for ours: it could be anything. */
async function makeNew(folder: string): Promise<void> {
  try {
    await makeFolder(folder, 0o700);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    throw new AppError('refused', `${folder} is there already. Move it away, then try again.`, {
      cause: error,
    });
  }
}

/** Folders that have to be made for this one to be there, outermost first. */
function missingFolders(folder: string): readonly string[] {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true) return [];
  if (stat !== undefined)
    throw new AppError('refused', `${folder} is no folder. Move it away, then try again.`);
  return [...missingFolders(path.dirname(folder)), folder];
}

async function requireSpace(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= needed + spareBytes) return;
  const [live = folder] = folder.split(`/${workFolderPrefix}`);
  throw new AppError(
    'failed',
    `The restore needs ${mebibytes(needed + spareBytes)} on the disk of ${live}, where ${mebibytes(free)} are free. Make room first.`,
  );
}

function mebibytes(bytes: number): string {
  return `${String(Math.ceil(bytes / 1024 / 1024))} MiB`;
}

async function neededBytes(listing: Listing, paths: readonly Buffer[] | undefined): Promise<number> {
  const { bytes, entries } = listing.root;
  if (paths === undefined) return bytes + entries * bytesPerEntry;
  let needed = 0;
  for (const prefix of paths) {
    for await (const entry of listing.entries(prefix)) {
      needed += bytesPerEntry + (entry.kind === 'file' ? dataBytes(entry) : 0);
    }
  }
  return needed;
}

/** Holes take no room; of a paged file only the size is known here. */
function dataBytes(entry: Extract<Entry, { kind: 'file' }>): number {
  if (entry.content === 'paged') return entry.stat.size;
  return entry.extents.reduce((sum, { chunk, length }) => sum + (chunk < 0 ? 0 : length), 0);
}

/** Whether an entry is one of the paths or lies below one. */
export function isWithin(paths: readonly Buffer[]): (entry: Entry) => boolean {
  const wanted = new Set(paths.map((bytes) => bytes.toString('latin1')));
  if (wanted.has('')) return () => true;
  return ({ path: bytes }) => {
    const text = bytes.toString('latin1');
    for (let end = text.length; end > 0; end = text.lastIndexOf('/', end - 1)) {
      if (wanted.has(text.slice(0, end))) return true;
    }
    return false;
  };
}
