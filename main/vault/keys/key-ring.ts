import { createHmac, hkdfSync } from 'node:crypto';
import type { ObjectKeys } from '../format/sealed-object.ts';
import type { GenerationKeys, ThreadKeys } from './thread-keys.ts';

/** One generation of the master key; generations count up from 1. */
export type MasterKey = Readonly<{
  generation: number;
  /** ISO 8601 in UTC. */
  created: string;
  /** 32 bytes. */
  key: Uint8Array;
}>;

/** What the secret that opened the vault gives: all generations of the master key, and every key derived from them. */
export class KeyRing {
  /** 32 hexadecimal digits. */
  readonly vaultId: string;
  /** For the threads that seal and open chunks. */
  readonly threadKeys: ThreadKeys;
  /** For `sealObject` and `openObject`. */
  readonly objectKeys: ObjectKeys;
  /** Number of the newest generation, which seals what is new. */
  readonly generation: number;
  readonly #masters: readonly MasterKey[];

  /** `masters` holds at least generation 1, in order. */
  constructor(vaultId: string, masters: readonly MasterKey[]) {
    const newest = masters.at(-1);
    if (newest === undefined || masters.some((master, index) => master.generation !== index + 1)) {
      throw new Error('a key ring holds every generation from 1, in order');
    }
    this.vaultId = vaultId;
    this.#masters = masters;
    this.generation = newest.generation;
    this.threadKeys = {
      vaultId,
      current: this.#chunkKeys(newest),
      all: masters.map((master) => this.#chunkKeys(master)),
    };
    this.objectKeys = {
      vaultId,
      current: newest.generation,
      all: masters.map((master) => ({ generation: master.generation, key: this.#derive(master, 'objects') })),
    };
  }

  /** All generations, oldest first. */
  get masters(): readonly MasterKey[] {
    return this.#masters;
  }

  /** Keyed hash of a text (a host's name), 32 hexadecimal digits; the same for good: rotating does not change it. */
  hostHash(text: string): string {
    return this.#firstHmac('hosts', text).subarray(0, 16).toString('hex');
  }

  /** The MAC of the header, 64 hexadecimal digits; the header never changes, so its key is of the first generation. */
  headerMac(text: string): string {
    return this.#firstHmac('header', text).toString('hex');
  }

  /** What a slot remembers of the first master key, so that no other ring can be put in the place of this one. */
  commitment(): Buffer {
    return this.#firstHmac('commitment', '');
  }

  #firstHmac(purpose: string, text: string): Buffer {
    const [first] = this.#masters;
    if (first === undefined) throw new Error('the key ring is empty');
    return createHmac('sha256', this.#derive(first, purpose)).update(text, 'utf8').digest();
  }

  #chunkKeys(master: MasterKey): GenerationKeys {
    return {
      generation: master.generation,
      idKey: this.#derive(master, 'chunk-id'),
      dataKey: this.#derive(master, 'chunk-data'),
      cutKey: this.#derive(master, 'cutting'),
      pageKey: this.#derive(master, 'page-hash'),
    };
  }

  #derive(master: MasterKey, purpose: string): Uint8Array {
    const salt = Buffer.from(this.vaultId, 'hex');
    return new Uint8Array(hkdfSync('sha256', master.key, salt, `trinity-backup/1/${purpose}`, 32));
  }
}
