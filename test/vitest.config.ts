import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { projectFolder } from '../build/entries.ts';

// Limits end what hangs. They judge no speed: a busy machine may be many times slower than the one a test was written on.
const shared = {
  pool: 'forks',
  testTimeout: 300_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 100_000, interval: 50 } },
} as const;

/**
 * Pages are drawn by a browser of several processes, all of them on the same busy machine: where everything must pass, a test of
 * theirs gets a second try, and run.ts names it with what failed at first. What writes and reads backups gets none.
 */
const browserRetry = process.env['TRINITY_TEST_REQUIRE_ALL'] === '1' ? 1 : 0;

export default defineConfig({
  root: projectFolder,
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // Loading Electron's package begins to download it.
          alias: { electron: join(projectFolder, 'test/fakes/no-electron.ts') },
          globalSetup: ['test/compile-cache.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/compile-cache.ts', 'test/built-entries.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'docker',
          include: ['test/docker/**/*.test.ts'],
          globalSetup: [
            'test/compile-cache.ts',
            'test/built-entries.ts',
            'test/services/docker/global-setup.ts',
            'test/e2e/global-setup.ts',
          ],
          // Names of Trinity's containers are fixed, and all files share one engine: one file after the other, after the other tiers.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: 's3',
          include: ['test/s3/**/*.test.ts'],
          globalSetup: [
            'test/compile-cache.ts',
            'test/built-entries.ts',
            'test/services/swift/global-setup.ts',
          ],
        },
      },
      {
        test: {
          ...shared,
          name: 'ui',
          retry: browserRetry,
          include: ['test/ui/**/*.test.ts'],
          globalSetup: ['test/compile-cache.ts', 'test/built-entries.ts', 'test/ui/global-setup.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'e2e',
          retry: browserRetry,
          // The engine runs on Linux: elsewhere the application says so.
          include: [`test/e2e/specs/${process.platform === 'linux' ? '**/*' : 'elsewhere'}.test.ts`],
          globalSetup: ['test/compile-cache.ts', 'test/e2e/global-setup.ts'],
        },
      },
    ],
  },
});
