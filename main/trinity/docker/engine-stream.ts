import { Readable } from 'node:stream';
import {
  cancelledError,
  connectionError,
  stalledError,
  unreadableAnswer,
  type Doing,
} from './engine-error.ts';

export type StreamBounds = Readonly<{
  /** Longest wait for the next bytes while somebody wants them, in ms; 0 waits for ever. */
  stallMs: number;
  doing: Doing;
  signal: AbortSignal;
}>;

/** All that a stream brings; more than `maxBytes` is refused. */
export async function readBounded(
  stream: Readable,
  bounds: StreamBounds & Readonly<{ maxBytes: number }>,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of chunksOf(stream, bounds)) {
    bytes += part.length;
    if (bytes > bounds.maxBytes) throw unreadableAnswer(bounds.doing);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The same bytes, with an `AppError` for an engine that hangs or goes away, and for the signal. */
export function boundedStream(stream: Readable, bounds: StreamBounds): Readable {
  return Readable.from(chunksOf(stream, bounds), { objectMode: false });
}

/** Waits only while it is asked for more: a slow consumer is no stall of the engine. Leaving early closes the connection. */
export async function* chunksOf(stream: Readable, bounds: StreamBounds): AsyncGenerator<Buffer> {
  const { stallMs, doing, signal } = bounds;
  const onAbort = (): void => void stream.destroy(cancelledError(signal));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const iterator = stream[Symbol.asyncIterator]();
  const giveUp = (): void => void stream.destroy(stalledError(stallMs, doing));
  try {
    for (;;) {
      const timer = stallMs > 0 ? setTimeout(giveUp, stallMs) : undefined;
      const { done, value } = await iterator.next().finally(() => clearTimeout(timer));
      if (done === true) return;
      yield Buffer.isBuffer(value) ? value : Buffer.from(String(value));
    }
  } catch (error) {
    throw connectionError(error, doing);
  } finally {
    signal.removeEventListener('abort', onAbort);
    stream.destroy();
  }
}
