import { execFile } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { syncFileSystem } from '../../../platform/libc.ts';

const run = promisify(execFile);

/**
 * Writes the file system that holds `folder` to its disk, so that times and content agree. In a process of its own where there is
 * `sync`, since the call may take seconds and would hold this one up.
 */
export async function syncFilesOf(folder: string, signal?: AbortSignal): Promise<void> {
  try {
    await run('sync', ['-f', '--', folder], signal === undefined ? {} : { signal });
  } catch {
    // No such program, or one that does not know -f.
    signal?.throwIfAborted();
    const fd = openSync(folder, 'r');
    try {
      syncFileSystem(fd);
    } finally {
      closeSync(fd);
    }
  }
}

/** How long a sync serves the next folders on the same file system: an older one only makes more files count as racy. */
const serveMs = 30_000;

type Sync = Readonly<{ startedMs: number; done: Promise<void> }>;

/** Syncs each file system of a run when it is first met and again after a while. */
export class RunSyncs {
  readonly #syncs = new Map<number, Sync>();

  /** Begins with the file system that holds `folder`, which is soon to be copied. */
  begin(folder: string, signal: AbortSignal): void {
    try {
      this.#syncOf(folder, signal);
    } catch {
      // It is not there: whoever copies it says so.
    }
  }

  /** Resolves when the file system that holds `folder` is synced: with when that began, in ms since 1970. */
  async sync(folder: string, signal: AbortSignal): Promise<number> {
    const { startedMs, done } = this.#syncOf(folder, signal);
    await done;
    return startedMs;
  }

  #syncOf(folder: string, signal: AbortSignal): Sync {
    const { dev } = statSync(folder);
    const last = this.#syncs.get(dev);
    // Not by the clock alone: it may have been set back.
    if (last !== undefined && Math.abs(Date.now() - last.startedMs) < serveMs) return last;
    const sync = { startedMs: Date.now(), done: syncFilesOf(folder, signal) };
    this.#syncs.set(dev, sync);
    // Whoever waits for it is told; nobody may.
    sync.done.catch(() => undefined);
    return sync;
  }
}
