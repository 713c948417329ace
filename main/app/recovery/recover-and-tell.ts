import type { RecoveredJournals, Waits } from '../../backup/restore/swap/recover-journals.ts';
import type { Engine } from '../engine.ts';
import { recordEvent } from '../record-run.ts';

/** Puts right what interrupted runs left, and says what became of it. What is left is said when it is another than the last time. */
export async function recoverAndTell(
  engine: Engine,
  onNotice: (message: string) => void,
  waits: Waits = {},
): Promise<void> {
  const known = new Set(
    partsOf(engine.recovery.last)
      .filter(isLeft)
      .map(({ message }) => message),
  );
  for (const { result, message } of partsOf(await engine.recovery.run(waits))) {
    if (isLeft({ result }) && known.has(message)) continue;
    onNotice(message);
    // Whoever waited for it in a page looks there.
    await recordEvent(engine, {
      severity: result === 'failed' ? 'error' : 'warning',
      code: 'recovered',
      words: message,
    });
  }
}

function partsOf({ restores, containers, leftovers }: RecoveredJournals) {
  return [...restores, ...containers, ...leftovers];
}

function isLeft({ result }: Readonly<{ result: string }>): boolean {
  return result === 'failed' || result === 'waiting';
}
