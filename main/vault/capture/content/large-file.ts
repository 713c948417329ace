import { crc32 } from 'node:zlib';
import { crc32OfZeros } from '../../listing/crc32-zeros.ts';
import { holeChunk } from '../../listing/extent-list.ts';
import type { ExtentList } from '../../listing/extent-list.ts';
import { limits } from '../../listing/limits.ts';
import type { ChunkStream } from './chunk-stream.ts';
import type { ContentContext } from './content-context.ts';
import type { FileSource } from './file-source.ts';

const stepBytes = 1_048_576;
/** From here on holes are read as zeros: no file may have more extents than a listing can hold. */
const mostSparseExtents = limits.mapExtents / 2;

/** A pass over the content: how many bytes there were, and their CRC-32. */
export type ContentPass = { length: number; crc32: number };

/** Reads a file of `size` bytes through a stream. It may end before. */
export class LargeFileReader {
  readonly #context: ContentContext;

  constructor(context: ContentContext) {
    this.#context = context;
  }

  /** Every byte. */
  readWhole(source: FileSource, size: number, stream: ChunkStream, extents: ExtentList): ContentPass {
    const pass: ContentPass = { length: 0, crc32: 0 };
    this.#readData({ source, stream, extents }, pass, size);
    return pass;
  }

  /** What has blocks on disk; the rest becomes holes. */
  readSparse(source: FileSource, size: number, stream: ChunkStream, extents: ExtentList): ContentPass {
    const pass: ContentPass = { length: 0, crc32: 0 };
    const file = { source, stream, extents };
    while (pass.length < size) {
      if (extents.count > mostSparseExtents) {
        this.#readData(file, pass, size);
        break;
      }
      const data = Math.min(source.nextData(pass.length) ?? size, size);
      if (data > pass.length) {
        extents.add(holeChunk, 0, data - pass.length);
        pass.crc32 = crc32OfZeros(pass.crc32, data - pass.length);
        pass.length = data;
      }
      if (data === size) {
        break;
      }
      const hole = source.nextHole(data) ?? size;
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
    file: Readonly<{ source: FileSource; stream: ChunkStream; extents: ExtentList }>,
    pass: ContentPass,
    end: number,
  ): boolean {
    while (pass.length < end) {
      this.#context.link.check();
      const wanted = Math.min(stepBytes, end - pass.length);
      const { bytes, at } = file.stream.reserve(wanted);
      const read = file.source.read(bytes.subarray(at, at + wanted), pass.length);
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
