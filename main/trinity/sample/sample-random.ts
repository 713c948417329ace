import { createCipheriv, createHash } from 'node:crypto';

const words =
  'the agent reads a report and writes notes about every customer order before it asks an operator for approval of the next plan ' +
  'because data from last week shows that prices changed twice while nobody looked at warehouse numbers in the morning summary';
const vocabulary = words.split(' ');

/** Content that looks arbitrary and is the same for the same seed and label, so that a sample can be made again. */
export class SampleRandom {
  readonly #seed: string;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** Bytes that do not compress. */
  bytes(label: string, length: number): Buffer {
    const key = createHash('sha256').update(`${this.#seed}\0${label}`).digest();
    const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
    return cipher.update(Buffer.alloc(length));
  }

  hex(label: string, bytes: number): string {
    return this.bytes(label, bytes).toString('hex');
  }

  uuid(label: string): string {
    const hex = this.hex(label, 16);
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(13, 16)}`,
      `a${hex.slice(17, 20)}`,
      hex.slice(20),
    ].join('-');
  }

  /** An integer from 0 to `below` - 1. */
  integer(label: string, below: number): number {
    return this.bytes(label, 4).readUInt32LE() % below;
  }

  /** Plain text of about `length` bytes that compresses as text does. */
  text(label: string, length: number): string {
    const choices = this.bytes(label, Math.ceil(length / 4));
    const parts: string[] = [];
    for (let size = 0, at = 0; size < length; at += 1) {
      const word = vocabulary[(choices[at % choices.length] ?? 0) % vocabulary.length] ?? '';
      parts.push(word, at % 12 === 11 ? '.\n' : ' ');
      size += word.length + 1;
    }
    return parts.join('').slice(0, length);
  }
}

/** One of Trinity's encrypted credentials (version 1, AES-256-GCM, no associated data). */
export function sealSample(keyHex: string, nonce: Buffer, plaintext: string): string {
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(keyHex, 'hex'), nonce);
  const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  const envelope = {
    version: 1,
    algorithm: 'AES-256-GCM',
    nonce: nonce.toString('base64'),
    ciphertext: sealed.toString('base64'),
  };
  return JSON.stringify(envelope, null, 2);
}
