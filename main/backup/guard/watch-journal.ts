import { setTimeout as delay } from 'node:timers/promises';
import { isThere } from '../../platform/atomic-file.ts';
import { isFileLocked } from '../../platform/file-lock.ts';
import { ownerLockOf } from '../../platform/owned-file.ts';
import { replayOne } from '../../trinity/quiesce/replay-journals.ts';
import { settleRestores } from './settle-restores.ts';

const pollMs = 200;
const retryMs = 1000;
/** An engine that is down for longer comes back without anything frozen; what was stopped is started at the next start of ours. */
const giveUpMs = 3_600_000;

/**
 * Waits until the owner of a journal has ended, however it has, and brings back what the journal still names. A journal that is gone is
 * an owner that has done so itself.
 */
export async function watchJournal(file: string, home: string): Promise<void> {
  while (await isFileLocked(ownerLockOf(file))) await delay(pollMs);
  const deadline = Date.now() + giveUpMs;
  while (await isThere(file)) {
    const isRestoreSettled = (await settleRestores(home)).isSettled;
    const replayed = await replayOne(file, { isRestoreSettled });
    // Undefined: a new command has taken it over meanwhile.
    if (replayed === undefined || replayed.result === 'back' || Date.now() > deadline) return;
    await delay(retryMs);
  }
}
