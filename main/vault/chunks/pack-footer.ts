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
  const end = await storage.readRange(name, pack.size - first, first, options);
  const needed = decodeTrailer(end).footerLength + trailerBytes;
  if (needed <= end.length || needed > pack.size) {
    return recordAtEnd(end, pack.size, openFooter);
  }
  const all = await storage.readRange(name, pack.size - needed, needed, options);
  return recordAtEnd(all, pack.size, openFooter);
}

/** The same of a pack that was read as a whole. */
export function recordInPack(bytes: Buffer, openFooter: OpenFooter): PackRecord {
  if (bytes.length < trailerBytes) {
    throw damagedPack('its size is impossible');
  }
  return recordAtEnd(bytes, bytes.length, openFooter);
}

/** `end` is the end of a pack of `packSize` bytes. */
function recordAtEnd(end: Buffer, packSize: number, openFooter: OpenFooter): PackRecord {
  const { footerLength, objectId } = decodeTrailer(end);
  const needed = footerLength + trailerBytes;
  if (needed > end.length) {
    throw damagedPack('its footer is longer than the pack');
  }
  const sealed = end.subarray(end.length - needed, end.length - trailerBytes);
  const { record } = readPackRecord(openFooter(objectId, sealed), 0);
  const bodyBytes = record.chunks.reduce((sum, chunk) => sum + chunk.sealedLength, 0);
  if (bodyBytes + needed > packSize) {
    throw damagedPack('it is shorter than its chunks');
  }
  return record;
}

function decodeTrailer(end: Buffer): Readonly<{ footerLength: number; objectId: string }> {
  const trailer = end.subarray(end.length - trailerBytes);
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
