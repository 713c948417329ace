import { beginFrom, knowsAll } from './previous/previous-facts.ts';
import { CaptureHost } from './thread/capture-host.ts';
import type { CaptureRequest, CaptureResult } from './capture.ts';
import { cancelled } from './cancelled.ts';

/**
 * Backs up one tree: walks it in a thread, stores its content and its listing through `writer`. What cannot be read is named in
 * the result's warnings. Rejects with `not-found` or `failed` for the root itself, `cancelled` within a second after `signal`, and
 * with whatever the writer rejected with. Chunks are durable only after the writer's flush.
 */
export async function captureTree(request: CaptureRequest): Promise<CaptureResult> {
  if (request.signal.aborted) {
    throw cancelled(request.signal);
  }
  const beginning = await beginFrom(
    request.previous,
    request.isPreviousOurs === true ? knowsAll : request.writer,
  );
  await using host = new CaptureHost(request, beginning);
  return await host.result;
}
