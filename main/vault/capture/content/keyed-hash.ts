import { createHmac, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { pageHashBytes } from '../../listing/page-map.ts';

/** HMAC-SHA-256, cut to 128 bits: of pages and of small files. */
export class KeyedHash {
  readonly #key: KeyObject;

  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  /** Writes pageHashBytes to `target`. */
  write(content: Uint8Array, target: Buffer, at: number): void {
    createHmac('sha256', this.#key).update(content).digest().copy(target, at, 0, pageHashBytes);
  }
}
