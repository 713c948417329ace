import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { threadEntry } from '../../../main/platform/thread-entry.ts';
import { version } from '../../../main/platform/version.ts';
import { commandFile } from '../../helpers/command-file.ts';

describe('threadEntry', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('finds the built file of the run, which starts as a thread', async () => {
    const entry = threadEntry(import.meta.url, './echo.thread.ts');
    expect(entry.pathname).toMatch(/\/run-[^/]+\/echo\.thread\.js$/);
    const worker = new Worker(entry, { workerData: 'hello' });
    expect(await once(worker, 'message')).toEqual(['hello']);
    await worker.terminate();
  });

  it('finds the source beside the caller, when nothing was built', async () => {
    vi.stubEnv('TRINITY_THREAD_ENTRIES', undefined);
    const entry = threadEntry(import.meta.url, './echo.thread.ts');
    expect(entry).toEqual(new URL('echo.thread.ts', import.meta.url));
    await expect(access(fileURLToPath(entry))).resolves.toBeUndefined();
  });
});

describe('the bundled command', () => {
  it('starts and says its version', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [commandFile(), '--version']);
    expect(stdout.trim()).toBe(version);
  });
});
