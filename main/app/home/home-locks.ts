import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../../shared/lib/app-error.ts';
import { type FileLock, tryLockFile } from '../../platform/file-lock.ts';
import type { Home } from './home.ts';

const retryMs = 100;

type Waiting = Readonly<{
  /** Gives up waiting. */
  signal: AbortSignal;
  /** Is told what is waited for. */
  onNotice: (message: string) => void;
}>;

/** One application for each home. */
export async function lockApplication(home: Home): Promise<FileLock> {
  const lock = await tryLockFile(home.applicationLockFile);
  if (lock !== undefined) return lock;
  throw new AppError(
    'busy',
    `Another trinity-backup already serves ${home.folder}: stop that one first, or choose another home with --home.`,
  );
}

/** A single command may be the engine of this home just now: it is waited for, however long its work takes. */
export async function lockEngine(home: Home, { signal, onNotice }: Waiting): Promise<FileLock> {
  let lock = await tryLockFile(home.lockFile);
  if (lock === undefined) onNotice(`Waiting for a command that works on ${home.folder} to end.`);
  while (lock === undefined) {
    signal.throwIfAborted();
    await delay(retryMs);
    lock = await tryLockFile(home.lockFile);
  }
  return lock;
}
