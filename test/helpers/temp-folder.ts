import { chmod, lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { hasCode } from '../../shared/lib/app-error.ts';

/** A new empty folder below the system's folder for temporary files, removed with all it holds when the test has ended. */
export async function tempFolder(): Promise<string> {
  const folder = await newFolder();
  onTestFinished(() => removeFolder(folder));
  return folder;
}

/** The same, for whoever removes it himself: tests of a file that share it. */
export async function newFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'trinity-test-'));
}

/** Like `rm -rf`, also where a test left folders that their owner may not read or write. */
export async function removeFolder(folder: string): Promise<void> {
  await openFolders(Buffer.from(folder));
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
}

async function openFolders(folder: Buffer): Promise<void> {
  try {
    const info = await lstat(folder);
    if (!info.isDirectory()) return;
    if ((info.mode & 0o700) !== 0o700) await chmod(folder, 0o700);
    for (const entry of await readdir(folder, { withFileTypes: true, encoding: 'buffer' })) {
      if (entry.isDirectory()) await openFolders(Buffer.concat([folder, Buffer.from('/'), entry.name]));
    }
  } catch (error) {
    // Gone already, maybe just now, by a process that a test has left: nothing to open.
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}
