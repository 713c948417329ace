import type { ObjectInfo, Storage } from '../../storage/storage.ts';
import type { ObjectKeys } from '../format/sealed-object.ts';
import { ObjectMemory, type ReadObject } from './object-memory.ts';
import { pinnedBy } from './pins.ts';
import { type Proof, provenBy, readProof } from './proofs.ts';

/** What is known of backups beside their manifests. */
export type BackupMarks = Readonly<{
  /** With one mark at least, be it one that does not open: losing a mark must not delete a backup. */
  pinned: ReadonlySet<string>;
  /** Those that do not open prove nothing and are left out. */
  proofs: readonly Proof[];
}>;

/** Reads the marks of backups, and remembers those that stay the same: in a bucket each is a request. Needs no lock. */
export class MarkReader {
  readonly #storage: Storage;
  readonly #keys: () => ObjectKeys;
  readonly #memory = new ObjectMemory<Proof | undefined>();

  constructor(storage: Storage, keys: () => ObjectKeys) {
    this.#storage = storage;
    this.#keys = keys;
  }

  async list(): Promise<BackupMarks> {
    const pinned = new Set<string>();
    const proofs: ObjectInfo[] = [];
    for await (const info of this.#storage.list('marks/')) {
      const backupId = pinnedBy(info.name);
      if (backupId !== undefined) pinned.add(backupId);
      if (provenBy(info.name) !== undefined) proofs.push(info);
    }
    const found = await this.#memory.readAll(proofs, async (name) => await this.#read(name));
    return { pinned, proofs: found.filter((proof) => proof !== undefined) };
  }

  async #read(name: string): Promise<ReadObject<Proof | undefined>> {
    const backupId = provenBy(name);
    const proof = backupId === undefined ? undefined : await readProof(this.#storage, this.#keys(), backupId);
    return { found: proof, isSettled: proof !== undefined };
  }
}
