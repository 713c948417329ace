import { open } from 'node:fs/promises';
import type { StorageHook } from '../../main/storage/storage-hook.ts';

/** The FIFO that nobody writes to: opening it holds a thread of the process as a dead network share does. */
const fifo = process.env['TRINITY_TEST_FIFO'] ?? '';
/** More than Node has threads for files unless it is told to have more. */
const threads = 6;

export const stallLimitMs = 300;

/** Loaded by commands of tests: every look into `backups/` hangs. */
export const storageHook: StorageHook = async ({ operation, name, moment }) => {
  if (moment !== 'before' || operation !== 'list' || !name.startsWith('backups/')) return;
  await Promise.all(Array.from({ length: threads }, async () => await open(fifo, 'r')));
};
