import { execFile } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { syncFileSystem } from '../platform/libc.ts';

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
