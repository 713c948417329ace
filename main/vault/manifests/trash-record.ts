import { AppError } from '../../../shared/lib/app-error.ts';
import { momentMs } from '../../../shared/model/moment.ts';

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
  const trashedAtMs = momentMs.safeParse(Number(bytes.readBigUInt64LE(0)));
  const deadlineMs = momentMs.safeParse(Number(bytes.readBigUInt64LE(8)));
  if (!trashedAtMs.success || !deadlineMs.success)
    throw new AppError('damaged', 'A deleted backup in the trash has impossible times.');
  return { trashedAtMs: trashedAtMs.data, deadlineMs: deadlineMs.data, object: bytes.subarray(headBytes) };
}
