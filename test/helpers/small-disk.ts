import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import type { TestContext } from 'vitest';
import { tempFolder } from './temp-folder.ts';

const run = promisify(execFile);

export interface SmallDisk {
  readonly folder: string;
  makeReadOnly(): Promise<void>;
  grow(mebibytes: number): Promise<void>;
  unmount(): Promise<void>;
}

/** A disk of this size in memory. Skips the test where mounting is refused, unless every test is required to run. */
export async function smallDisk(context: TestContext, mebibytes: number): Promise<SmallDisk> {
  const folder = await tempFolder();
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${String(mebibytes)}m,mode=700`, 'tmpfs', folder]);
  } catch (error) {
    if (process.env['TRINITY_TEST_REQUIRE_ALL'] !== undefined) throw error;
    context.skip('mounting is refused here');
  }
  let isMounted = true;
  const unmount = async (): Promise<void> => {
    if (!isMounted) return;
    // Lazily: a test that failed may have left something open.
    await run('umount', ['-l', folder]);
    isMounted = false;
  };
  onTestFinished(unmount);
  return {
    folder,
    unmount,
    grow: async (size) => void (await run('mount', ['-o', `remount,size=${String(size)}m`, folder])),
    makeReadOnly: async () => void (await run('mount', ['-o', 'remount,ro', folder])),
  };
}
