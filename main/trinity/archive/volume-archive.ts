import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { DockerEngine } from '../docker/docker-engine.ts';
import { removeQuietly } from '../helper/start-helper.ts';
import { ArchiveSink, type ArchiveParts } from './archive-sink.ts';
import { sumArchive } from './sum-archive.ts';
import { tarEnd, tarHeader } from './tar-header.ts';

/** Where the container that never runs has the volume. */
const root = 'tree';
const repository = 'trinity-backup-empty';

export type VolumeArchiveParts = Readonly<{
  engine: DockerEngine;
  volume: string;
  labels: Readonly<Record<string, string>>;
  signal: AbortSignal;
}>;

/** Writes a new volume where no image is that could run: through a container that never does, of an image that holds one empty folder. */
export class VolumeArchive implements AsyncDisposable {
  readonly #parts: VolumeArchiveParts;
  readonly #image: string;
  readonly #container: string;

  private constructor(parts: VolumeArchiveParts, image: string, container: string) {
    this.#parts = parts;
    this.#image = image;
    this.#container = container;
  }

  static async open(parts: VolumeArchiveParts): Promise<VolumeArchive> {
    const { engine, volume, labels, signal } = parts;
    // A tag of its own: another restore may end just now, and removes its own.
    const tag = randomBytes(6).toString('hex');
    const image = `${repository}:${tag}`;
    await engine.importImage(emptyRoot(), { repository, tag }, signal);
    try {
      const mounts = [{ kind: 'volume', source: volume, target: `/${root}`, writable: true }] as const;
      const spec = { image, command: ['/never'], labels, mounts, writableRoot: true };
      return new VolumeArchive(parts, image, await engine.createContainer(spec, signal));
    } catch (error) {
      await removeImageQuietly(engine, image);
      throw error;
    }
  }

  /** Writes a tree into the volume, or adds files to what it holds. `scratch` is a private folder. */
  async writeTree(
    { scratch, adds, metaOf }: Readonly<{ scratch: string; adds: boolean; metaOf: ArchiveParts['metaOf'] }>,
    onBytes: (bytes: number) => void,
  ): Promise<ArchiveSink> {
    const { engine, signal } = this.#parts;
    const sum = async (): Promise<bigint> =>
      await sumArchive(await engine.getArchive(this.#container, `/${root}`, signal));
    const base = adds ? await sum() : undefined;
    const put = async (archive: Readable): Promise<void> =>
      await engine.putArchive(this.#container, '/', archive, signal);
    return new ArchiveSink({ scratch, root, put, sum, base, metaOf, onBytes });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeQuietly(this.#parts.engine, this.#container);
    await removeImageQuietly(this.#parts.engine, this.#image);
  }
}

function emptyRoot(): Readable {
  const folder = { kind: 'folder', path: Buffer.from(root), size: 0, mode: 0o755, uid: 0, gid: 0 } as const;
  return Readable.from([Buffer.concat([tarHeader({ ...folder, mtimeNs: 0n, xattrs: [] }), tarEnd])]);
}

async function removeImageQuietly(engine: DockerEngine, image: string): Promise<void> {
  try {
    await engine.removeImage(image, AbortSignal.timeout(30_000));
  } catch {
    // It holds nothing, and is named for what it is: whoever finds it may remove it.
  }
}
