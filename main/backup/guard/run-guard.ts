import { messageOf } from '../../../shared/lib/app-error.ts';
import { leaveGroupOf } from './leave-group.ts';
import type { GuardHello } from './start-guard.ts';
import { watchJournal } from './watch-journal.ts';

/**
 * The work of the process that brings containers back when the one that froze them dies. Its arguments are the journal, the home, and the
 * process it watches over, which it knows to be dead by the journal's lock alone. It says one line, then holds nothing of its parent.
 */
export async function runGuard([journal, home, parent]: readonly string[]): Promise<void> {
  if (journal === undefined || home === undefined || parent === undefined) {
    say({ state: 'failed', reason: 'it was started without its arguments' });
    return;
  }
  // The parent closes its end after the first line; a terminal that goes takes nobody with it.
  process.stdout.on('error', () => undefined);
  process.on('SIGHUP', () => undefined);
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  try {
    const problem = leaveGroupOf(Number(parent));
    say(problem === undefined ? { state: 'watching' } : { state: 'watching', reason: problem });
    await watchJournal(journal, home);
  } catch (error) {
    say({ state: 'failed', reason: messageOf(error) });
    process.exitCode = 1;
  }
}

function say(hello: GuardHello): void {
  process.stdout.write(`${JSON.stringify(hello)}\n`);
}
