import { createHash, createHmac } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { crc32, zstdDecompressSync } from 'node:zlib';
import { aead, hkdf, ringKeyOf } from './format-keys.ts';
import type { Slot } from './format-keys.ts';

type Generation = Readonly<{ objects: Buffer; chunkId: Buffer; chunkData: Buffer }>;
type Place = Readonly<{
  file: string;
  at: number;
  sealed: number;
  raw: number;
  generation: number;
  codec: number;
}>;
export type ReadSource = Readonly<{
  component: string;
  volume: string;
  listing?: Readonly<{ rootChunks: readonly string[]; checksum: string; entries: number }>;
}>;
export type ReadFile = Readonly<{
  path: string;
  kind: string;
  mode: number;
  mtimeNs: bigint;
  content: Buffer;
  target: string;
}>;

/**
 * A reader of vaults written from docs/vault-format.md alone: it imports nothing of the product, so that the document is what it
 * tests. It trusts what it reads, and needs neither header nor index.
 */
export class FormatReader {
  readonly #folder: string;
  readonly #vaultId: Buffer;
  readonly #generations: readonly Generation[];
  readonly #places = new Map<string, Place[]>();

  constructor(folder: string, secret: Readonly<{ kind: 'passphrase' | 'recovery'; text: string }>) {
    this.#folder = folder;
    const newest = readdirSync(path.join(folder, 'keys')).toSorted().at(-1) ?? '';
    const bytes = readFileSync(path.join(folder, 'keys', newest));
    const file = JSON.parse(bytes.toString()) as { vaultId: string; slots: Slot[]; ring: string };
    this.#vaultId = Buffer.from(file.vaultId, 'hex');
    const slot = file.slots.find(({ kind }) => kind === secret.kind);
    if (slot === undefined) throw new Error('no such slot');
    const ringKey = ringKeyOf(file.vaultId, slot, secret.text);
    const context = createHash('sha256')
      .update(bytes.subarray(0, bytes.lastIndexOf(',"ring":"')))
      .digest();
    const ring = JSON.parse(aead(ringKey, context, Buffer.from(file.ring, 'base64')).toString()) as {
      masters: { key: string }[];
    };
    this.#generations = ring.masters.map(({ key }) => {
      const derive = (purpose: string): Buffer =>
        hkdf(Buffer.from(key, 'hex'), this.#vaultId, `trinity-backup/1/${purpose}`);
      return { objects: derive('objects'), chunkId: derive('chunk-id'), chunkData: derive('chunk-data') };
    });
    for (const folderName of readdirSync(path.join(folder, 'packs'))) {
      for (const name of readdirSync(path.join(folder, 'packs', folderName)))
        this.#addPack(path.join(folder, 'packs', folderName, name));
    }
  }

  manifest(backupId: string): Readonly<{ sources: readonly ReadSource[] }> {
    const bytes = readFileSync(path.join(this.#folder, 'backups', backupId));
    return JSON.parse(this.#object(bytes, 'manifest', backupId).toString()) as { sources: ReadSource[] };
  }

  files(source: ReadSource): readonly ReadFile[] {
    const root = Buffer.concat(
      (source.listing?.rootChunks ?? []).map((id) => this.#chunk(Buffer.from(id, 'hex'))),
    );
    if (createHash('sha256').update(root).digest('hex') !== source.listing?.checksum)
      throw new Error('checksum');
    const at = new Cursor(root);
    if (at.bytes(5).toString('latin1') !== 'TBLR\u0001') throw new Error('magic');
    const count = at.varint();
    const ids = Array.from({ length: count }, () => at.bytes(32));
    at.varints(2 * count);
    const found: ReadFile[] = [];
    for (let left = at.varint(); left > 0; left -= 1) {
      const block = new Cursor(this.#chunk(at.bytes(32)));
      at.varint();
      const entries = at.varint();
      at.bytes(at.varint());
      let last = Buffer.alloc(0);
      const extents = { chunk: 0, end: 0 };
      for (let entry = 0; entry < entries; entry += 1) {
        const shared = block.varint();
        last = Buffer.concat([last.subarray(0, shared), block.bytes(block.varint())]);
        found.push(this.#entry(block, last, ids, extents));
      }
      if (!block.isAtEnd) throw new Error('a block has more bytes');
    }
    const [total] = [at.varint(), at.varint(), at.varint()];
    if (total !== found.length || total !== source.listing.entries || !at.isAtEnd) throw new Error('counts');
    return found;
  }

  #entry(block: Cursor, name: Buffer, ids: readonly Buffer[], last: Extent): ReadFile {
    const flags = block.bytes(1).readUInt8();
    const has = (bit: number): boolean => (flags & (1 << bit)) !== 0;
    const [mode] = [block.varint(), block.varint(), block.varint()];
    const times = block.bytes(24);
    if (has(2)) {
      for (let left = 2 * block.varint(); left > 0; left -= 1) block.bytes(block.varint());
    }
    const kind = ['folder', 'symlink', 'hardlink', 'file'][flags & 3] ?? '';
    const common = { path: name.toString('latin1'), kind, mode, mtimeNs: times.readBigInt64LE(0) };
    const empty = { content: Buffer.alloc(0), target: '' };
    if (kind === 'folder') return { ...common, ...empty };
    if (kind === 'symlink')
      return { ...common, ...empty, target: block.bytes(block.varint()).toString('latin1') };
    const size = block.varint();
    if (kind === 'hardlink')
      return { ...common, ...empty, target: block.bytes(block.varint()).toString('latin1') };
    const crc = block.bytes(4).readUInt32LE();
    if (has(6)) block.bytes(16);
    let content = this.#content(block, ids, last);
    if (has(4)) {
      block.varint();
      block.varints(2 * block.varint());
      content = this.#paged(content, ids);
    }
    if (content.length !== size || crc32(content) !== crc) throw new Error(`${common.path} is wrong`);
    return { ...common, content, target: '' };
  }

  #paged(map: Buffer, ids: readonly Buffer[]): Buffer {
    const at = new Cursor(map);
    if (at.bytes(5).toString('latin1') !== 'TBPM\u0001') throw new Error('magic of a page map');
    at.varint();
    at.bytes(16 * at.varint());
    return this.#content(at, ids, { chunk: 0, end: 0 });
  }

  /** The bytes of extents. */
  #content(at: Cursor, ids: readonly Buffer[], last: Extent): Buffer {
    const parts: Buffer[] = [];
    for (let left = at.varint(); left > 0; left -= 1) {
      const tag = at.varint();
      if (tag === 0) {
        parts.push(Buffer.alloc(at.varint()));
        continue;
      }
      if (tag > 1) {
        const z = tag - 2;
        last.chunk += z % 2 === 0 ? z / 2 : -(z + 1) / 2;
        last.end = at.varint();
      }
      const length = at.varint();
      const chunk = this.#chunk(ids[last.chunk] ?? Buffer.alloc(32));
      parts.push(chunk.subarray(last.end, last.end + length));
      last.end += length;
    }
    return Buffer.concat(parts);
  }

  #chunk(id: Buffer): Buffer {
    for (const { file, at, sealed, raw, generation, codec } of this.#places.get(id.toString('hex')) ?? []) {
      const keys = this.#keys(generation);
      const key = createHmac('sha256', keys.chunkData).update(id).digest();
      const aad = Buffer.concat([this.#vaultId, Buffer.from('chunk'), Buffer.of(1, codec), id]);
      const packed = aead(key, aad, readFileSync(file).subarray(at, at + sealed));
      const plain = codec === 1 ? zstdDecompressSync(packed, { maxOutputLength: raw }) : packed;
      if (!createHmac('sha256', keys.chunkId).update(plain).digest().equals(id))
        throw new Error('id of a chunk');
      return plain;
    }
    throw new Error(`no chunk ${id.toString('hex')}`);
  }

  #addPack(file: string): void {
    const bytes = readFileSync(file);
    if (createHash('sha256').update(bytes).digest('hex') !== path.basename(file))
      throw new Error('name of a pack');
    const trailer = bytes.subarray(-32);
    const end = bytes.length - 32;
    const footer = bytes.subarray(end - trailer.readUInt32LE(8), end);
    const record = this.#object(footer, 'footer', trailer.subarray(16).toString('hex'));
    let at = 0;
    for (let number = 0; number < record.readUInt32LE(4); number += 1) {
      const chunk = record.subarray(16 + 44 * number, 16 + 44 * (number + 1));
      const id = chunk.subarray(0, 32).toString('hex');
      const [sealed, raw] = [chunk.readUInt32LE(32), chunk.readUInt32LE(36)];
      const place = { file, at, sealed, raw, generation: chunk.readUInt16LE(40), codec: chunk.readUInt8(42) };
      this.#places.set(id, [...(this.#places.get(id) ?? []), place]);
      at += sealed;
    }
  }

  #object(bytes: Buffer, type: string, objectId: string): Buffer {
    if (bytes.subarray(0, 5).toString('latin1') !== 'TBSO\u0001') throw new Error('magic of an object');
    const { objects } = this.#keys(bytes.readUInt32LE(6));
    const id = Buffer.from(objectId);
    const length = Buffer.alloc(2);
    length.writeUInt16LE(id.length);
    const aad = Buffer.concat([this.#vaultId, length, id, bytes.subarray(0, 10)]);
    return aead(hkdf(objects, this.#vaultId, `trinity-backup/1/object/${type}`), aad, bytes.subarray(10));
  }

  #keys(generation: number): Generation {
    const keys = this.#generations[generation - 1];
    if (keys === undefined) throw new Error('no such generation');
    return keys;
  }
}

type Extent = { chunk: number; end: number };

class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  bytes(length: number): Buffer {
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Passes so many of them. */
  varints(count: number): void {
    for (let left = count; left > 0; left -= 1) this.varint();
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.bytes(1).readUInt8();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }
}
