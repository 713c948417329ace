import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleEntry } from '../build/bundle.ts';
import { findProductEntries, findThreadEntries, projectFolder } from '../build/entries.ts';
import { messageOf } from '../shared/lib/app-error.ts';

// Below node_modules, so that the bundles find the native packages.
const cacheFolder = join(projectFolder, 'node_modules/.cache/entries');
const leftoverAgeMs = 24 * 3_600_000;

/**
 * Builds everything that tests start as a thread or a process into a folder of this run, and names that folder in
 * TRINITY_THREAD_ENTRIES (see main/platform/thread-entry.ts): a thread that strips no types cannot meet nodejs/node#64500.
 */
export async function setup(): Promise<() => Promise<void>> {
  await mkdir(cacheFolder, { recursive: true });
  await removeLeftovers();
  const folder = await mkdtemp(join(cacheFolder, 'run-'));
  const entries = [...findProductEntries(), ...findThreadEntries('test')];
  const results = await Promise.allSettled(entries.map((entry) => bundleEntry(entry, folder)));
  for (const [index, result] of results.entries()) {
    // The tests that need this entry fail on their own; the others can run.
    if (result.status === 'rejected')
      console.error(`Not built: ${entries[index]?.source}: ${messageOf(result.reason)}`);
  }
  process.env['TRINITY_THREAD_ENTRIES'] = folder;
  return () => rm(folder, { recursive: true, force: true });
}

async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(cacheFolder)) {
    const path = join(cacheFolder, name);
    const age = Date.now() - (await stat(path)).mtimeMs;
    if (age > leftoverAgeMs) await rm(path, { recursive: true, force: true });
  }
}
