import { execFileSync } from 'node:child_process';
import { onTestFinished } from 'vitest';
import type { TestContext } from 'vitest';

/** Makes a folder read-only for root too, until the test ends. Skips the test where mounting is refused, unless all have to run. */
export function mountReadOnly(context: TestContext, folder: string): void {
  try {
    execFileSync('mount', ['--bind', folder, folder], { stdio: 'ignore' });
  } catch (error) {
    if (process.env['TRINITY_TEST_REQUIRE_ALL'] !== undefined) throw error;
    context.skip('mounting is refused here');
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  execFileSync('mount', ['-o', 'remount,bind,ro', folder]);
}
