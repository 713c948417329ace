import type { FindingList } from '../../finding-list.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { sourceText } from '../../../../shared/model/component.ts';
import type { ManifestSource } from '../../../../shared/model/manifest.ts';
import type { ChunkChecks } from '../../../vault/chunks/chunk-store.ts';
import type { Listing } from '../../../vault/listing/listing.ts';
import { restoreTree } from '../../../vault/restore/restore-tree.ts';
import type { TreeSink } from '../../../vault/restore/tree-sink.ts';
import type { VaultReader } from '../../../vault/vault.ts';
import type { RunOptions } from '../../services.ts';
import { makeNew } from './make-folder.ts';
import { removeTree } from './remove-tree.ts';
import { placeAt } from './safe-place.ts';
import { undamagedOf, type Wants } from './salvage.ts';

type Tree = Readonly<{
  source: ManifestSource;
  listing: Listing;
  folder: string;
  wants: Wants | undefined;
}>;

type Parts = Readonly<{
  reader: VaultReader;
  options: RunOptions;
  exactMetadata: boolean;
  /** Damaged files are left out with a warning, instead of failing the restore. */
  salvages: boolean;
  /** Where what is written is for this user alone until it is sent to where it goes. */
  home: string;
  warnings: FindingList;
  notes: FindingList;
}>;

/** Writes sources of a backup into new folders, checked as they are written. */
export class SourceWriter {
  /** Written and checked, whatever became of it. */
  readonly written = { files: 0, bytes: 0 };
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Content was checked and is on the disk when it resolves; false when damaged files were left out. */
  async write(tree: Tree): Promise<boolean> {
    try {
      await this.#writeNew(tree, 'seal');
      return true;
    } catch (error) {
      if (!isDamaged(error)) throw error;
      return await this.#writeAgain(tree, error);
    }
  }

  /** A chunk that opens and is wrong is left to its other copies now; then the files go without which the rest can be had. */
  async #writeAgain(tree: Tree, error: AppError): Promise<boolean> {
    await removeTree(placeAt(tree.folder));
    if (error.details['isWrongContent'] !== true) return await this.#salvage(tree, error);
    try {
      await this.#writeNew(tree, 'all');
      return true;
    } catch (again) {
      if (!isDamaged(again)) throw again;
      await removeTree(placeAt(tree.folder));
      return await this.#salvage(tree, again);
    }
  }

  async #salvage(tree: Tree, error: AppError): Promise<false> {
    const { reader, options, salvages, warnings } = this.#parts;
    if (!salvages) throw error;
    const { source, listing, wants = () => true } = tree;
    const { component, volume } = source;
    const undamaged = await undamagedOf({
      listing,
      reader: reader.chunks,
      wants,
      warnings,
      place: { component, volume },
      signal: options.signal,
    });
    if (undamaged === undefined) throw error;
    await this.#writeNew({ ...tree, wants: undamaged }, 'all');
    return false;
  }

  async #writeNew({ folder, ...tree }: Tree, checks: ChunkChecks): Promise<void> {
    await makeNew(folder);
    await this.writeInto(tree, folder, checks);
  }

  /** Lets `target` write it, which a sink does where this process cannot. */
  async writeInto(
    { source, listing, wants }: Omit<Tree, 'folder'>,
    target: string | TreeSink,
    checks: ChunkChecks,
  ): Promise<void> {
    const { reader, options, exactMetadata } = this.#parts;
    const { files, bytes, warnings, notes } = await restoreTree({
      listing,
      reader: reader.chunks,
      target,
      ...(wants === undefined ? {} : { wants }),
      exactMetadata: exactMetadata && !this.#isPrivate(target),
      checks,
      signal: options.signal,
      onProgress: ({ bytes: done }) => this.progress(source, listing, done),
    });
    this.written.files += files;
    this.written.bytes += bytes;
    const { component, volume } = source;
    this.#parts.warnings.addAll(warnings, { component, volume });
    this.#parts.notes.addAll(notes, { component, volume });
  }

  #isPrivate(target: string | TreeSink): boolean {
    return typeof target === 'string' && target.startsWith(`${this.#parts.home}/`);
  }

  progress(source: ManifestSource, { root }: Listing, done: number): void {
    const phase = sourceText(source);
    this.#parts.options.onProgress?.({ phase, done, total: root.bytes, unit: 'bytes', detail: '' });
  }
}

function isDamaged(error: unknown): error is AppError {
  return error instanceof AppError && error.kind === 'damaged';
}
