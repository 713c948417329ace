import { AppError } from '../../../shared/lib/app-error.ts';
import { countOf } from '../../../shared/lib/size-text.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { pathText } from '../../platform/path-text.ts';
import type { Entry, FileEntry, HardLinkEntry } from '../../vault/listing/entry.ts';
import type { Listing } from '../../vault/listing/listing.ts';
import type { VaultReader } from '../../vault/vault.ts';
import { contentOf } from './archive-content.ts';
import { ArchiveNames } from './archive-names.ts';
import type { ArchiveFormat } from './archive-names.ts';
import type { ArchiveWriter } from './archive-writer.ts';
import type { ListedSource } from '../browse/listed-sources.ts';
import type { RunOptions } from '../services.ts';

type Settings = Readonly<{
  reader: VaultReader;
  writer: ArchiveWriter;
  format: ArchiveFormat;
  totalBytes: number;
  options: RunOptions;
}>;

type SourceRun = Readonly<{ listing: Listing; names: ArchiveNames; source: ListedSource }>;

/** Files up to this size are handed over whole. */
const wholeBytes = 1024 * 1024;
/** Zip files give names 16 bits of length; tar tools take no longer paths either. */
const mostNameBytes = 65_000;
const progressMs = 100;
const nothing = Buffer.alloc(0);

/** Writes source after source into one archive. */
export class ExportRun {
  readonly #settings: Settings;
  readonly #warnings: Finding[] = [];
  #files = 0;
  #bytes = 0;
  #escapedNames = 0;
  #hasXattrs = false;
  #progressAt = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async add(source: ListedSource): Promise<void> {
    const listing = await this.#settings.reader.openListing(source.listing);
    const top = source.volume === '' ? source.component : source.volume;
    const names = new ArchiveNames(listing, top, this.#settings.format);
    for await (const entry of listing.entries()) {
      this.#settings.options.signal.throwIfAborted();
      this.#hasXattrs ||= entry.xattrs.length > 0;
      await this.#addEntry(entry, { listing, names, source });
    }
    this.#escapedNames += names.escaped;
  }

  result(): Readonly<{
    files: number;
    bytes: number;
    warnings: readonly Finding[];
    notes: readonly Finding[];
  }> {
    return { files: this.#files, bytes: this.#bytes, warnings: this.#warnings, notes: this.#notes() };
  }

  async #addEntry(entry: Entry, run: SourceRun): Promise<void> {
    const name = await run.names.of(entry.path);
    if (Buffer.byteLength(name) > mostNameBytes) {
      const { component, volume } = run.source;
      const message =
        'Its path is too long for an archive: it was left out. Restore it into a folder (--to).';
      this.#warnings.push({
        code: 'path-too-long',
        message,
        component,
        volume,
        path: pathText(entry.path.subarray(0, 2000)),
      });
      return;
    }
    await this.#write(entry, name, run);
    this.#files += entry.kind === 'folder' ? 0 : 1;
    this.#tell(name);
  }

  async #write(entry: Entry, name: string, run: SourceRun): Promise<void> {
    const { writer } = this.#settings;
    const { stat } = entry;
    switch (entry.kind) {
      case 'folder':
        await writer.add({ kind: 'folder', name, stat }, nothing);
        break;
      case 'symlink':
        await writer.add({ kind: 'symlink', name, stat, target: run.names.target(entry.target) }, nothing);
        break;
      case 'hardlink':
        await this.#writeHardLink(entry, name, run);
        break;
      case 'file':
        await this.#writeFile(entry, name, run);
    }
  }

  async #writeFile(file: FileEntry, name: string, { listing }: SourceRun): Promise<void> {
    const content = this.#counted(contentOf({ listing, reader: this.#settings.reader.chunks }, file));
    const { stat } = file;
    const isLarge = stat.size > wholeBytes;
    await this.#settings.writer.add({ kind: 'file', name, stat }, isLarge ? content : await whole(content));
  }

  /** A further name; in zip files the content again, and of a symlink always. */
  async #writeHardLink(entry: HardLinkEntry, name: string, run: SourceRun): Promise<void> {
    const first = await run.listing.entry(entry.linkTo);
    if (first?.kind === 'symlink') {
      await this.#write(first, name, run);
    } else if (first?.kind !== 'file') {
      throw new AppError(
        'damaged',
        `"${pathText(entry.path)}" is damaged in this backup. Export another backup.`,
      );
    } else if (this.#settings.format === 'zip') {
      await this.#writeFile(first, name, run);
    } else {
      const target = await run.names.of(entry.linkTo);
      await this.#settings.writer.add({ kind: 'link', name, stat: first.stat, target }, nothing);
    }
  }

  async *#counted(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      this.#bytes += piece.length;
      this.#tell('');
      yield piece;
    }
  }

  #tell(detail: string): void {
    const now = performance.now();
    if (now >= this.#progressAt) {
      this.#progressAt = now + progressMs;
      const total = this.#settings.totalBytes;
      this.#settings.options.onProgress?.({
        phase: 'export',
        done: this.#bytes,
        total,
        unit: 'bytes',
        detail,
      });
    }
  }

  #notes(): readonly Finding[] {
    const notes: Finding[] = [];
    if (this.#escapedNames > 0) {
      const count = countOf(this.#escapedNames, 'name');
      const message = `In ${count} that archives cannot hold some bytes are written as %XX.`;
      notes.push({ code: 'names-escaped', message });
    }
    if (this.#hasXattrs) {
      notes.push({
        code: 'xattrs-left-out',
        message: 'Extended attributes are not part of the archive; restore keeps them.',
      });
    }
    return notes;
  }
}

async function whole(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const piece of pieces) {
    parts.push(piece);
  }
  return Buffer.concat(parts);
}
