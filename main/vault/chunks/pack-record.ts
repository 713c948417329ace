import type { ChunkClass } from './chunk-store.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { chunkIdBytes, maxChunkBytes } from './chunk-store.ts';

/** How the plaintext of a chunk was packed before it was sealed. */
export type ChunkCodec = 'raw' | 'zstd';

/** What a footer says of one chunk. `generation` is that of the master key which sealed it. */
export type PackedChunk = Readonly<{
  id: Uint8Array;
  sealedLength: number;
  rawLength: number;
  generation: number;
  codec: ChunkCodec;
}>;

/** What a footer says of its pack: the chunks lie back to back from byte 0, in this order. */
export type PackRecord = Readonly<{
  class: ChunkClass;
  /** Generation of the writer lock: of two copies of a chunk the one of the higher generation is the better. */
  writerGeneration: number;
  chunks: readonly PackedChunk[];
}>;

/** A pack is closed before its chunks take more than this. */
export const maxPackBodyBytes = 16 * 1024 * 1024;
export const maxPackChunks = 65_536;
/** Bytes that sealing adds to a chunk: nonce before it, tag behind it. */
export const sealOverheadBytes = 12 + 16;

const recordFormat = 1;
const headBytes = 16;
const chunkBytes = 44;

export function packRecordBytes(chunks: number): number {
  return headBytes + chunks * chunkBytes;
}

/** Writes a record at `offset` of `target` and returns the offset behind it. */
export function writePackRecord(record: PackRecord, target: Buffer, offset: number): number {
  target.writeUInt16LE(recordFormat, offset);
  target.writeUInt8(record.class === 'data' ? 0 : 1, offset + 2);
  target.writeUInt8(0, offset + 3);
  target.writeUInt32LE(record.chunks.length, offset + 4);
  target.writeBigUInt64LE(BigInt(record.writerGeneration), offset + 8);
  let position = offset + headBytes;
  for (const chunk of record.chunks) {
    target.set(chunk.id, position);
    target.writeUInt32LE(chunk.sealedLength, position + 32);
    target.writeUInt32LE(chunk.rawLength, position + 36);
    target.writeUInt16LE(chunk.generation, position + 40);
    target.writeUInt8(chunk.codec === 'raw' ? 0 : 1, position + 42);
    target.writeUInt8(0, position + 43);
    position += chunkBytes;
  }
  return position;
}

/** Reads the record at `offset`; `damaged` when any number in it is out of its bounds. */
export function readPackRecord(bytes: Buffer, offset: number): Readonly<{ record: PackRecord; end: number }> {
  if (bytes.length - offset < headBytes) {
    throw damagedRecord('it ends early');
  }
  const count = bytes.readUInt32LE(offset + 4);
  const classCode = bytes.readUInt8(offset + 2);
  const writerGeneration = bytes.readBigUInt64LE(offset + 8);
  if (bytes.readUInt16LE(offset) !== recordFormat || classCode > 1) {
    throw damagedRecord('its format is unknown');
  }
  if (count > maxPackChunks || writerGeneration > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw damagedRecord('its counts are out of bounds');
  }
  const end = offset + packRecordBytes(count);
  if (end > bytes.length) {
    throw damagedRecord('it ends early');
  }
  const chunks = readChunks(bytes, offset + headBytes, count);
  const chunkClass: ChunkClass = classCode === 0 ? 'data' : 'meta';
  return { record: { class: chunkClass, writerGeneration: Number(writerGeneration), chunks }, end };
}

function readChunks(bytes: Buffer, start: number, count: number): readonly PackedChunk[] {
  const chunks: PackedChunk[] = [];
  let bodyBytes = 0;
  for (let number = 0; number < count; number += 1) {
    const chunk = readChunk(bytes, start + number * chunkBytes);
    bodyBytes += chunk.sealedLength;
    chunks.push(chunk);
  }
  if (bodyBytes > maxPackBodyBytes) {
    throw damagedRecord('its chunks are larger than a pack');
  }
  return chunks;
}

function readChunk(bytes: Buffer, position: number): PackedChunk {
  const sealedLength = bytes.readUInt32LE(position + 32);
  const rawLength = bytes.readUInt32LE(position + 36);
  const codecCode = bytes.readUInt8(position + 42);
  const packedLength = sealedLength - sealOverheadBytes;
  // A compressed chunk is always smaller than its plaintext, a raw one always equal: anything else was never written by us.
  const isSizeRight =
    codecCode === 0 ? packedLength === rawLength : packedLength > 0 && packedLength < rawLength;
  if (codecCode > 1 || rawLength < 1 || rawLength > maxChunkBytes || !isSizeRight) {
    throw damagedRecord('a length in it is out of bounds');
  }
  return {
    id: bytes.subarray(position, position + chunkIdBytes),
    sealedLength,
    rawLength,
    generation: bytes.readUInt16LE(position + 40),
    codec: codecCode === 0 ? 'raw' : 'zstd',
  };
}

function damagedRecord(reason: string): AppError {
  return new AppError('damaged', `The record of a pack cannot be used: ${reason}.`);
}
