import { AppError } from '../../../shared/lib/app-error.ts';

/** `object` is the deleted manifest as it lay in `backups/`, byte by byte, so that also one that does not open can come back. */
export type TrashRecord = Readonly<{ trashedAtMs: number; deadlineMs: number; object: Buffer }>;

const headBytes = 16;

/** Time of deletion and deadline (u64 LE each, ms by the clock of the storage), then the object. */
export function encodeTrashRecord(record: TrashRecord): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeBigUInt64LE(BigInt(record.trashedAtMs), 0);
  head.writeBigUInt64LE(BigInt(record.deadlineMs), 8);
  return Buffer.concat([head, record.object]);
}

export function decodeTrashRecord(bytes: Buffer): TrashRecord {
  if (bytes.length < headBytes) throw new AppError('damaged', 'A deleted backup in the trash is cut off.');
  return {
    trashedAtMs: Number(bytes.readBigUInt64LE(0)),
    deadlineMs: Number(bytes.readBigUInt64LE(8)),
    object: bytes.subarray(headBytes),
  };
}
