import { AppError } from '../../../shared/lib/app-error.ts';
import type { Storage, StorageOptions } from '../../storage/storage.ts';
import {
  maxPackBodyBytes,
  maxPackChunks,
  packRecordBytes,
  readPackRecord,
  writePackRecord,
} from './pack-record.ts';
import type { PackRecord } from './pack-record.ts';

export type SealFooter = (objectId: string, plaintext: Uint8Array) => Uint8Array;
/** Throws `damaged` when the bytes were changed. */
export type OpenFooter = (objectId: string, sealed: Buffer) => Buffer;

export const trailerBytes = 32;
const trailerMagic = 'TBPK';
const trailerFormat = 1;
const objectIdBytes = 16;
/** Footers are padded to whole steps, so that their length says little of how many chunks there are. */
const footerStep = 1024;
const smallestStep = 4096;
const largestStep = 65_536;
/** More than any sealed footer takes. */
const maxFooterBytes = packRecordBytes(maxPackChunks) + footerStep + 1024;
const firstReadBytes = 16 * 1024;

export const maxPackBytes = maxPackBodyBytes + maxFooterBytes + largestStep + trailerBytes;

export function packName(packId: string): string {
  return `packs/${packId.slice(0, 2)}/${packId}`;
}

/** The pack id of an object's name; undefined for other names. */
export function packIdOf(name: string): string | undefined {
  return /^packs\/([0-9a-f]{2})\/(\1[0-9a-f]{62})$/.exec(name)?.[2];
}

export function footerPlaintext(record: PackRecord): Buffer {
  const used = packRecordBytes(record.chunks.length);
  const plaintext = Buffer.alloc(Math.ceil(used / footerStep) * footerStep);
  writePackRecord(record, plaintext, 0);
  return plaintext;
}

/** Padding that makes a pack a multiple of about 1/64 of its size, 4 KiB at least and 64 KiB at most. */
export function packPaddingBytes(length: number): number {
  const wanted = 2 ** Math.floor(Math.log2(Math.max(length / 64, 1)));
  const step = Math.min(Math.max(wanted, smallestStep), largestStep);
  return Math.ceil(length / step) * step - length;
}

/** The last bytes of a pack: where its footer begins, and the object id that the footer was sealed with. */
export function encodeTrailer(footerLength: number, objectId: Uint8Array): Buffer {
  const trailer = Buffer.alloc(trailerBytes);
  trailer.write(trailerMagic, 0, 'ascii');
  trailer.writeUInt16LE(trailerFormat, 4);
  trailer.writeUInt32LE(footerLength, 8);
  trailer.set(objectId, trailerBytes - objectIdBytes);
  return trailer;
}

/** The record in a pack's footer, from its last bytes; `damaged` when they are not what was written. */
export async function readPackFooter(
  storage: Storage,
  pack: Readonly<{ id: string; size: number }>,
  openFooter: OpenFooter,
  options?: StorageOptions,
): Promise<PackRecord> {
  if (pack.size < trailerBytes || pack.size > maxPackBytes) {
    throw damagedPack('its size is impossible');
  }
  const name = packName(pack.id);
  const first = Math.min(pack.size, firstReadBytes);
  let end = await storage.readRange(name, pack.size - first, first, options);
  const trailer = decodeTrailer(end.subarray(end.length - trailerBytes));
  const needed = trailer.footerLength + trailerBytes;
  if (needed > pack.size) {
    throw damagedPack('its footer is longer than the pack');
  }
  if (needed > end.length) {
    end = await storage.readRange(name, pack.size - needed, needed, options);
  }
  const sealed = end.subarray(end.length - needed, end.length - trailerBytes);
  const { record } = readPackRecord(openFooter(trailer.objectId, sealed), 0);
  const bodyBytes = record.chunks.reduce((sum, chunk) => sum + chunk.sealedLength, 0);
  if (bodyBytes + needed > pack.size) {
    throw damagedPack('it is shorter than its chunks');
  }
  return record;
}

function decodeTrailer(trailer: Buffer): Readonly<{ footerLength: number; objectId: string }> {
  const footerLength = trailer.readUInt32LE(8);
  const isOurs =
    trailer.toString('ascii', 0, 4) === trailerMagic && trailer.readUInt16LE(4) === trailerFormat;
  if (!isOurs || footerLength > maxFooterBytes) {
    throw damagedPack('its last bytes were changed');
  }
  return { footerLength, objectId: trailer.toString('hex', trailerBytes - objectIdBytes) };
}

function damagedPack(reason: string): AppError {
  return new AppError('damaged', `A pack cannot be read: ${reason}.`);
}
