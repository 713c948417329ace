import { crc32 } from 'node:zlib';
import { nextData, nextHole } from '../../platform/libc.ts';
import { crc32OfZeros } from '../listing/crc32-zeros.ts';
import { holeChunk } from '../listing/extent-list.ts';
import type { ExtentList } from '../listing/extent-list.ts';
import { limits } from '../listing/limits.ts';
import type { ChunkStream } from './chunk-stream.ts';
import type { ContentContext } from './content-context.ts';
import { readRange } from './read-range.ts';

const stepBytes = 1_048_576;
/** From here on holes are read as zeros: no file may have more extents than a listing can hold. */
const mostSparseExtents = limits.mapExtents / 2;

/** A pass over the content: how many bytes there were, and their CRC-32. */
export type ContentPass = { length: number; crc32: number };

/** Whether parts of the file have no blocks on disk. `blocks` of 512 bytes, as its stat says. */
export function isSparse(fd: number, size: number, blocks: number): boolean {
  // Fewer blocks may as well mean that the file system compresses.
  return blocks * 512 < size && (nextHole(fd, 0) ?? size) < size;
}

/** Reads a file of `size` bytes through a stream. It may end before. */
export class LargeFileReader {
  readonly #context: ContentContext;

  constructor(context: ContentContext) {
    this.#context = context;
  }

  /** Every byte. */
  readWhole(fd: number, size: number, stream: ChunkStream, extents: ExtentList): ContentPass {
    const pass: ContentPass = { length: 0, crc32: 0 };
    this.#readData({ fd, stream, extents }, pass, size);
    return pass;
  }

  /** What has blocks on disk; the rest becomes holes. */
  readSparse(fd: number, size: number, stream: ChunkStream, extents: ExtentList): ContentPass {
    const pass: ContentPass = { length: 0, crc32: 0 };
    const file = { fd, stream, extents };
    while (pass.length < size) {
      if (extents.count > mostSparseExtents) {
        this.#readData(file, pass, size);
        break;
      }
      const data = Math.min(nextData(fd, pass.length) ?? size, size);
      if (data > pass.length) {
        extents.add(holeChunk, 0, data - pass.length);
        pass.crc32 = crc32OfZeros(pass.crc32, data - pass.length);
        pass.length = data;
      }
      if (data === size) {
        break;
      }
      const hole = nextHole(fd, data) ?? size;
      // A file that is written to meanwhile may say that its data ends where it begins.
      const end = Math.min(hole > data ? hole : data + stepBytes, size);
      if (!this.#readData(file, pass, end)) {
        break;
      }
    }
    return pass;
  }

  /** Reads from where the pass is up to `end`; false when the file ends before. */
  #readData(
    file: Readonly<{ fd: number; stream: ChunkStream; extents: ExtentList }>,
    pass: ContentPass,
    end: number,
  ): boolean {
    while (pass.length < end) {
      this.#context.link.check();
      const wanted = Math.min(stepBytes, end - pass.length);
      const { bytes, at } = file.stream.reserve(wanted);
      const read = readRange(file.fd, bytes.subarray(at, at + wanted), pass.length);
      pass.crc32 = crc32(bytes.subarray(at, at + read), pass.crc32);
      file.stream.take(read, file.extents);
      pass.length += read;
      this.#context.counts.bytesRead += read;
      if (read < wanted) {
        return false;
      }
    }
    return true;
  }
}
