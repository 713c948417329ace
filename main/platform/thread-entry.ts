import { join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Set by the build (build/bundle.ts); in sources the name does not exist. */
declare const TRINITY_BUNDLED: boolean | undefined;

/**
 * The address of the file that starts a worker thread or child process: `threadEntry(import.meta.url, './threads/seal.thread.ts')`;
 * also of what is loaded late, since a command should not read what it does not use (`*.late.ts`).
 * A bundle finds it as `seal.thread.js` beside itself. Sources take the `.ts` file itself, or the built one from the folder
 * that TRINITY_THREAD_ENTRIES names: tests set it, since stripping types in short-lived threads can abort V8 (nodejs/node#64500).
 */
export function threadEntry(callerUrl: string, source: string): URL {
  const builtName = `${posix.basename(source, '.ts')}.js`;
  if (typeof TRINITY_BUNDLED === 'boolean') return new URL(builtName, callerUrl);
  const builtFolder = process.env['TRINITY_THREAD_ENTRIES'];
  if (builtFolder !== undefined) return pathToFileURL(join(builtFolder, builtName));
  return new URL(source, callerUrl);
}
