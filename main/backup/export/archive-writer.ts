import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Archiver, EntryData } from 'archiver';
import { writeAll } from '../../platform/atomic-file.ts';
import type { EntryStat } from '../../vault/listing/entry.ts';
import type { ArchiveFormat } from './archive-names.ts';

/** One entry of an archive. `link` (a further name of an earlier entry) is for tar only. `target` is of links. */
export type ArchiveEntry = Readonly<{
  kind: 'folder' | 'file' | 'symlink' | 'link';
  name: string;
  stat: EntryStat;
  target?: string;
}>;

/** What archiver hands on to its formats, beyond its own types. */
type Header = Readonly<{
  name: string;
  type: string;
  date: Date;
  mode: number | string;
  uid: number;
  gid: number;
  linkname?: string;
  stats?: Readonly<{ size: number }>;
  pax?: Readonly<Record<string, string>> | undefined;
}>;

const types = { folder: 'directory', file: 'file', symlink: 'symlink', link: 'link' } as const;
const maxTarSeconds = 0x7fff_ffff;
const maxTarId = 0o777777;
const nsPerSecond = 1_000_000_000n;

/** Writes one archive into an open file, entry by entry; the next one is taken when the one before is written. */
export class ArchiveWriter implements AsyncDisposable {
  readonly #archive: Archiver;
  readonly #format: ArchiveFormat;
  readonly #written: Promise<void>;
  #entry = quietly();
  #source: Readable | undefined;
  #failure: Error | undefined;

  private constructor(archive: Archiver, format: ArchiveFormat, file: FileHandle) {
    this.#archive = archive;
    this.#format = format;
    archive.on('entry', () => {
      this.#entry.resolve();
    });
    for (const event of ['error', 'warning'] as const) {
      archive.on(event, (error) => {
        this.fail(error);
      });
    }
    this.#written = this.#write(file);
    // Whoever stops early has an error of its own.
    this.#written.catch(() => undefined);
  }

  /** `isLarge`: over 65,534 entries or 4 GiB, which old zip tools cannot read. */
  static async open(format: ArchiveFormat, file: FileHandle, isLarge: boolean): Promise<ArchiveWriter> {
    const { TarArchive, ZipArchive } = await import('archiver');
    const archive =
      format === 'zip'
        ? // Zip files hold local times, without a zone.
          new ZipArchive({ forceZip64: isLarge, forceLocalTime: true, zlib: { level: 6 } })
        : new TarArchive({ gzip: true, gzipOptions: { level: 6 } });
    return new ArchiveWriter(archive, format, file);
  }

  /** Content of files as a whole, or in pieces that make `stat.size`. */
  async add(entry: ArchiveEntry, content: Buffer | AsyncIterable<Buffer>): Promise<void> {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    this.#entry = quietly();
    const source = Buffer.isBuffer(content) ? content : this.#stream(content);
    const header: object = this.#header(entry);
    // Archiver's types know less than what it hands on to the formats as it is.
    this.#archive.append(source, header as EntryData);
    await this.#entry.promise;
  }

  /** Everything was handed to the file when it resolves. */
  async finish(): Promise<void> {
    await Promise.all([this.#archive.finalize(), this.#written]);
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.#entry.reject(this.#failure);
    this.#source?.destroy();
    this.#archive.destroy(this.#failure);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#archive.destroy();
    // What went wrong was thrown before.
    await this.#written.catch(() => undefined);
  }

  #stream(content: AsyncIterable<Buffer>): Readable {
    const source = Readable.from(content, { objectMode: false });
    // Archiver never learns of it by itself.
    source.on('error', (error) => {
      this.fail(error);
    });
    this.#source = source;
    return source;
  }

  async #write(file: FileHandle): Promise<void> {
    try {
      for await (const part of this.#archive) {
        await this.#writePart(file, part);
      }
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
      throw this.#failure;
    }
  }

  async #writePart(file: FileHandle, part: Buffer): Promise<void> {
    try {
      await writeAll(file, [part]);
    } catch (error) {
      // At once: leaving the loop destroys the archive, which then tells of nothing but that.
      this.fail(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  #header({ kind, name, stat, target }: ArchiveEntry): Header {
    const seconds = Number(stat.mtimeNs / nsPerSecond);
    const isTar = this.#format === 'tar.gz';
    return {
      name,
      type: types[kind],
      date: new Date((isTar ? Math.min(Math.max(seconds, 0), maxTarSeconds) : seconds) * 1000),
      // As text, 0 is not taken for "no mode given".
      mode: isTar && stat.mode === 0 ? '0' : stat.mode,
      uid: Math.min(stat.uid, maxTarId),
      gid: Math.min(stat.gid, maxTarId),
      ...(target === undefined ? {} : { linkname: target }),
      ...(kind === 'file' ? { stats: { size: stat.size } } : {}),
      ...(isTar ? { pax: paxOf(name, stat, seconds) } : {}),
    };
  }
}

/** What the plain header of a tar entry cannot hold; none for most, since some tools do not know these records. */
function paxOf(name: string, { uid, gid, mtimeNs }: EntryStat, seconds: number): Header['pax'] {
  const records = {
    // Archiver makes slashes of backslashes.
    ...(name.includes('\\') ? { path: name } : {}),
    ...(seconds < 0 || seconds > maxTarSeconds ? { mtime: decimalSeconds(mtimeNs) } : {}),
    ...(uid > maxTarId ? { uid: String(uid) } : {}),
    ...(gid > maxTarId ? { gid: String(gid) } : {}),
  };
  return Object.keys(records).length === 0 ? undefined : records;
}

function decimalSeconds(timeNs: bigint): string {
  const absolute = timeNs < 0n ? -timeNs : timeNs;
  const part = (absolute % nsPerSecond).toString().padStart(9, '0');
  return `${timeNs < 0n ? '-' : ''}${(absolute / nsPerSecond).toString()}.${part}`;
}

/** One that may be rejected while nobody waits. */
function quietly(): PromiseWithResolvers<void> {
  const resolvers = Promise.withResolvers<void>();
  resolvers.promise.catch(() => undefined);
  return resolvers;
}
