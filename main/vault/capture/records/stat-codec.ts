import type { FileStat } from '../../../platform/file-stat.ts';
import { brokenRecords } from './frames.ts';

export const statBytes = 72;
const mostMode = 0o177777;
const two32 = 2 ** 32;

export function writeStat(bytes: Buffer, at: number, stat: FileStat): void {
  bytes.writeUInt32LE(stat.mode, at);
  bytes.writeUInt32LE(stat.uid, at + 4);
  bytes.writeUInt32LE(stat.gid, at + 8);
  bytes.writeUInt32LE(stat.nlink, at + 12);
  writeNumber(bytes, at + 16, stat.size);
  bytes.writeInt32LE(stat.inodeLow | 0, at + 24);
  bytes.writeInt32LE(stat.inodeHigh | 0, at + 28);
  bytes.writeInt32LE(stat.deviceMinor | 0, at + 32);
  bytes.writeInt32LE(stat.deviceMajor | 0, at + 36);
  bytes.writeInt32LE(stat.mtimeLow | 0, at + 40);
  bytes.writeInt32LE(stat.mtimeHigh | 0, at + 44);
  bytes.writeInt32LE(stat.ctimeLow | 0, at + 48);
  bytes.writeInt32LE(stat.ctimeHigh | 0, at + 52);
  bytes.writeInt32LE(stat.birthLow | 0, at + 56);
  bytes.writeInt32LE(stat.birthHigh | 0, at + 60);
  writeNumber(bytes, at + 64, stat.blocks);
}

/** Everything but `isTimeKept`. The caller has seen to it that the bytes are there. */
export function readStat(bytes: Buffer, at: number, stat: FileStat): void {
  stat.mode = bytes.readUInt32LE(at);
  stat.uid = bytes.readUInt32LE(at + 4);
  stat.gid = bytes.readUInt32LE(at + 8);
  stat.nlink = bytes.readUInt32LE(at + 12);
  stat.size = readNumber(bytes, at + 16);
  stat.inodeLow = bytes.readUInt32LE(at + 24);
  stat.inodeHigh = bytes.readUInt32LE(at + 28);
  stat.deviceMinor = bytes.readUInt32LE(at + 32);
  stat.deviceMajor = bytes.readUInt32LE(at + 36);
  stat.mtimeLow = bytes.readUInt32LE(at + 40);
  stat.mtimeHigh = bytes.readInt32LE(at + 44);
  stat.ctimeLow = bytes.readUInt32LE(at + 48);
  stat.ctimeHigh = bytes.readInt32LE(at + 52);
  stat.birthLow = bytes.readUInt32LE(at + 56);
  stat.birthHigh = bytes.readInt32LE(at + 60);
  stat.blocks = readNumber(bytes, at + 64);
  if (stat.mode > mostMode || stat.size > Number.MAX_SAFE_INTEGER) {
    throw brokenRecords('a stat is out of range');
  }
}

export function writeNumber(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32LE(value % two32, at);
  bytes.writeUInt32LE(Math.floor(value / two32), at + 4);
}

/** A number up to 2^53-1; what was larger comes out larger, though not exact. */
export function readNumber(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * two32;
}
