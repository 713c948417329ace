import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const timeoutMs = 20_000;
const maxBuffer = 16 * 1024 * 1024;

/** What git says of a checkout: its commit, and the files that are as the commit has them. */
export type TrackedFiles = Readonly<{ commit: string; unedited: readonly string[] }>;

/**
 * Asks git which of `names` (and what they hold) are as in the commit; undefined without git or a repository. It runs as the
 * owner of the checkout, whose configuration it obeys, never as root for others.
 */
export async function readTracked(
  folder: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<TrackedFiles | undefined> {
  try {
    const git = await gitIn(folder, signal);
    const commit = (await git(['rev-parse', '--verify', 'HEAD'])).trim();
    const tracked = splitNames(await git(['ls-files', '-z', '--', ...names]));
    const changed = new Set(
      splitNames(
        await git(['diff', '--name-only', '--relative', '--no-ext-diff', '-z', 'HEAD', '--', ...names]),
      ),
    );
    return { commit, unedited: tracked.filter((name) => !changed.has(name)) };
  } catch {
    signal.throwIfAborted();
    // No git, no repository, a broken one: then every file counts as the operator's, which loses nothing.
    return undefined;
  }
}

async function gitIn(
  folder: string,
  signal: AbortSignal,
): Promise<(args: readonly string[]) => Promise<string>> {
  const { uid, gid } = await stat(folder);
  const identity = process.getuid?.() === 0 ? { uid, gid } : {};
  const environment = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CEILING_DIRECTORIES: folder.slice(0, folder.lastIndexOf('/')) || '/',
  };
  const options = { cwd: folder, env: environment, timeout: timeoutMs, maxBuffer, signal, ...identity };
  return async (args) => (await run('git', ['-c', 'core.fsmonitor=false', ...args], options)).stdout;
}

function splitNames(text: string): readonly string[] {
  return text.split('\0').filter((name) => name !== '');
}
