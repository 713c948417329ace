import { chmodSync, chownSync, statSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { sourceText } from '../../../../shared/model/component.ts';
import type { ManifestSource } from '../../../../shared/model/manifest.ts';
import { workFolderName } from '../../../components/work-folder.ts';
import { syncFolder } from '../../../platform/atomic-file.ts';
import type { TreeSink } from '../../../vault/restore/tree-sink.ts';
import type { Place } from '../../../components/component-handler.ts';
import type { FolderEntry } from '../../../vault/listing/entry.ts';
import type { Listing } from '../../../vault/listing/listing.ts';
import type { VaultReader } from '../../../vault/vault.ts';
import { FindingList } from '../../finding-list.ts';
import { type Going, goingOf } from './beside.ts';
import { readMeta } from './folder-meta.ts';
import { fromJournalPlace, toJournalMeta, toJournalPlace } from '../swap/journal-model.ts';
import type { OpenJournal } from '../swap/journal.ts';
import type { Journal, JournalFolder } from '../swap/journal-model.ts';
import { applyFolders } from '../swap/swap-run.ts';
import { makeFolder, makeNew, missingFolders } from './make-folder.ts';
import { below } from './safe-place.ts';
import { SourceWriter } from './source-writer.ts';
import type { RunOptions } from '../../services.ts';
import { isWithin, neededBytes, requireSpace } from './staging-space.ts';

export type LiveReliance = Readonly<{
  /** Its path, for people. */
  what: string;
  isUntouched: (going: Going) => Promise<boolean>;
  /** Once that was so, and other parts were moved: whether what stays is where it was. */
  isInPlace: () => Promise<boolean>;
  kept: number;
}>;

export type StagedTree = Readonly<{ source: ManifestSource; folder: string; isWhole: boolean }>;

/** Starts whoever writes a tree, of a listing where it has one. `onBytes` is told of the bytes that it was sent. */
export type OpenSink = (onBytes: (bytes: number) => void, listing?: Listing) => Promise<TreeSink>;

/** A live tree that was to stay in part is not what it was. */
export class WrittenMeanwhileError extends AppError {
  override name = 'WrittenMeanwhileError';

  constructor(folder: string) {
    super('failed', `${folder} was written to while the restore was prepared. Stop Trinity, then try again.`);
  }
}

/** Makes our folders and writes sources of a backup into them; everything is named in the journal before it is made. */
export class Staging {
  readonly warnings = new FindingList();
  readonly notes = new FindingList();
  readonly staged: StagedTree[] = [];
  readonly #reliedOn: LiveReliance[] = [];
  readonly #folderChanges: JournalFolder[] = [];
  readonly #journal: OpenJournal;
  readonly #reader: VaultReader;
  readonly #options: RunOptions;
  readonly #writer: SourceWriter;

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
    const { warnings, notes } = this;
    this.#writer = new SourceWriter({ salvages: false, ...parts, home: parts.journal.home, warnings, notes });
  }

  /** Written and checked, whatever became of it. */
  get written(): Readonly<{ files: number; bytes: number }> {
    return this.#writer.written;
  }

  get signal(): AbortSignal {
    return this.#options.signal;
  }

  /** On the disk of which what is private is staged. */
  get home(): string {
    return this.#journal.home;
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

  /** A live tree of which a part stays as it is. */
  rely(reliance: LiveReliance): void {
    this.#reliedOn.push(reliance);
  }

  /** How many live paths that the backup lacks stay in trees that are relied on. */
  get kept(): number {
    return this.#reliedOn.reduce((sum, { kept }) => sum + kept, 0);
  }

  /** Right before the swap: somebody who has written meanwhile would get old and new mixed. */
  async requireUntouched(moves: Journal['moves']): Promise<void> {
    const parked = moves.filter(({ kind }) => kind === 'park').map(({ from }) => fromJournalPlace(from));
    const going = goingOf(parked);
    for (const { what, isUntouched } of this.#reliedOn) {
      if (!(await isUntouched(going))) throw new WrittenMeanwhileError(what);
    }
  }

  /** Right after the swap: whoever renamed something in between may have had it moved away under another name. */
  async requireInPlace(): Promise<void> {
    for (const { what, isInPlace } of this.#reliedOn) {
      if (!(await isInPlace())) throw new WrittenMeanwhileError(what);
    }
  }

  /** Folders at and below a live one get other metadata with the swap. */
  changeFolders(live: Place, entries: readonly FolderEntry[]): void {
    for (const { path: bytes, stat, xattrs } of entries) {
      const place = below(live, bytes);
      const now = readMeta(place);
      if (now === undefined) continue;
      const { mode, uid, gid, mtimeNs } = stat;
      const after = toJournalMeta({ mode, uid, gid, mtimeNs, xattrs, atimeNs: now.atimeNs });
      this.#folderChanges.push({ live: toJournalPlace(place), before: toJournalMeta(now), after });
    }
  }

  /** Live folders whose metadata a plan has to know: as they were before we made ours in them, and as they have to be. */
  get folders(): readonly JournalFolder[] {
    const known = new Map(this.#journal.content.folders.map((folder) => [keyOf(folder), folder]));
    for (const change of this.#folderChanges) {
      known.set(keyOf(change), { ...change, ...known.get(keyOf(change)), after: change.after });
    }
    return [...known.values()];
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
    const isWhole = await this.#writer.write({ source, listing, folder, wants });
    this.staged.push({ source, folder, isWhole: isWhole && paths === undefined });
    return isWhole;
  }

  /** Lets somebody else write the source, or `paths` of it, where this process cannot. */
  async stageInto(source: ManifestSource, open: OpenSink, paths?: readonly Buffer[]): Promise<void> {
    const listing = await this.openListing(source);
    const wants = paths === undefined ? undefined : isWithin(paths);
    const sink = await open((bytes) => this.#writer.progress(source, listing, bytes), listing);
    // It is not written again: wrong chunks are left to their other copies at once.
    await this.#writer.writeInto({ source, listing, wants }, sink, 'all');
    // Not here, where it could be looked at.
    this.staged.push({ source, folder: '', isWhole: false });
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

function keyOf({ live }: JournalFolder): string {
  return path.join(live.root, live.path);
}
