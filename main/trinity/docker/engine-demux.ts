import { Readable } from 'node:stream';
import type { Socket } from 'node:net';
import { connectionError, type Doing } from './engine-error.ts';
import { chunksOf, type StreamBounds } from './engine-stream.ts';

const headerBytes = 8;
const stderrMark = 2;
const maxFrameBytes = 64 * 1024 * 1024;

/** The last part of what a process wrote to stderr: at most `maxBytes`, so a chatty one cannot fill the memory. */
export type TextTail = Readonly<{ add: (part: Buffer) => void; text: () => string }>;

export function textTail(maxBytes: number): TextTail {
  let kept: Buffer = Buffer.alloc(0);
  return {
    add: (part) => {
      const joined = Buffer.concat([kept, part.subarray(-maxBytes)]);
      kept = Buffer.from(joined.subarray(-maxBytes));
    },
    text: () => kept.toString('utf8'),
  };
}

/**
 * The stdout of a hijacked connection as a stream of its own. Frames of stderr go to `stderr` as they are met, so stdout has to be read
 * for either to go on. A connection that ends within a frame rejects: the engine went away.
 */
export function stdoutOf(socket: Socket, stderr: TextTail, bounds: StreamBounds): Readable {
  return Readable.from(stdoutParts(socket, stderr, bounds), { objectMode: false });
}

async function* stdoutParts(socket: Socket, stderr: TextTail, bounds: StreamBounds): AsyncGenerator<Buffer> {
  let header: Buffer = Buffer.alloc(0);
  let left = 0;
  let isStderr = false;
  for await (const chunk of chunksOf(socket, bounds)) {
    let at = 0;
    while (at < chunk.length) {
      if (left === 0) {
        const taken = chunk.subarray(at, at + headerBytes - header.length);
        header = Buffer.concat([header, taken]);
        at += taken.length;
        if (header.length < headerBytes) break;
        ({ left, isStderr } = frameOf(header, bounds.doing));
        header = Buffer.alloc(0);
        continue;
      }
      const part = chunk.subarray(at, at + left);
      at += part.length;
      left -= part.length;
      if (isStderr) stderr.add(part);
      else yield part;
    }
  }
  if (left > 0 || header.length > 0) throw connectionError(undefined, bounds.doing);
}

function frameOf(header: Buffer, doing: Doing): Readonly<{ left: number; isStderr: boolean }> {
  const left = header.readUInt32BE(4);
  const mark = header.readUInt8(0);
  if (mark > stderrMark || left > maxFrameBytes) throw connectionError(undefined, doing);
  return { left, isStderr: mark === stderrMark };
}
