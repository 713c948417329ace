import type { Picture } from './rasterize.ts';

const headerBytes = 6;
const entryBytes = 16;
const bitmapHeaderBytes = 40;
const largestBitmap = 128;

/** Windows' icon file. Small sizes are bitmaps, which every part of Windows reads; large ones are PNG, as the format has it. */
export function icoOf(pictures: readonly Picture[]): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(pictures.length, 4);
  const bodies = pictures.map((picture) => (picture.size > largestBitmap ? picture.png : bitmapOf(picture)));
  let offset = headerBytes + entryBytes * pictures.length;
  const entries = pictures.map(({ size }, index) => {
    const length = bodies[index]?.length ?? 0;
    const entry = Buffer.alloc(entryBytes);
    // 256 is written as 0.
    entry.writeUInt8(size % 256, 0);
    entry.writeUInt8(size % 256, 1);
    entry.writeUInt16LE(1, 4);
    entry.writeUInt16LE(32, 6);
    entry.writeUInt32LE(length, 8);
    entry.writeUInt32LE(offset, 12);
    offset += length;
    return entry;
  });
  return Buffer.concat([header, ...entries, ...bodies]);
}

/** A bitmap without file header: BGRA rows from the bottom, then the mask of one bit that the opacity makes needless. */
function bitmapOf({ size, pixels }: Picture): Buffer {
  const header = Buffer.alloc(bitmapHeaderBytes);
  header.writeUInt32LE(bitmapHeaderBytes, 0);
  header.writeInt32LE(size, 4);
  // Both halves: colours and mask.
  header.writeInt32LE(size * 2, 8);
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(32, 14);
  header.writeUInt32LE(pixels.length, 20);
  const rows = Buffer.alloc(pixels.length);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const [red = 0, green = 0, blue = 0, opacity = 0] = pixels.subarray((y * size + x) * 4);
      rows.set([blue, green, red, opacity], ((size - 1 - y) * size + x) * 4);
    }
  }
  const mask = Buffer.alloc(Math.ceil(size / 32) * 4 * size);
  return Buffer.concat([header, rows, mask]);
}
