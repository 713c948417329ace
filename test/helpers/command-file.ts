import { join } from 'node:path';

/** The bundled command of this run, to start with `process.execPath` (see test/built-entries.ts). */
export function commandFile(): string {
  const folder = process.env['TRINITY_THREAD_ENTRIES'];
  if (folder === undefined) throw new Error('Only integration tests have a built command.');
  return join(folder, 'trinity-backup.js');
}
