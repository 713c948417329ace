import { messageOf } from '../../../../shared/lib/app-error.ts';
import { listJournals, OpenJournal } from './journal.ts';
import { abandonRestore, finishRestore } from '../restore-end.ts';
import { undoSwaps } from './swap-run.ts';

/** What became of one restore that had been cut off. */
export type RecoveredRestore = Readonly<{
  restoreId: string;
  /** `finished`: all is new. `undone`: all is as before. `failed`: try again once the reason is gone. */
  result: 'finished' | 'undone' | 'failed';
  message: string;
}>;

/**
 * Finishes or undoes every restore that a dead process left in this home; restores of living ones are let alone. Needs nothing but
 * the disk. Call it before anything reads or writes the install.
 */
export async function recoverRestores(home: string): Promise<readonly RecoveredRestore[]> {
  const recovered: RecoveredRestore[] = [];
  for (const name of await listJournals(home)) {
    const restoreId = name.slice('restore-'.length, -'.json'.length);
    try {
      await using journal = await OpenJournal.open(home, name);
      if (journal !== undefined) recovered.push(await recover(journal));
    } catch (error) {
      const message = `A restore that was cut off could not be put in order: ${messageOf(error)}`;
      recovered.push({ restoreId, result: 'failed', message });
    }
  }
  return recovered;
}

async function recover(journal: OpenJournal): Promise<RecoveredRestore> {
  const { restoreId, backupId, phase } = journal.content;
  if (phase === 'committed') {
    await finishRestore(journal);
    return {
      restoreId,
      result: 'finished',
      message: `The restore of backup ${backupId} was complete; its leftovers are gone.`,
    };
  }
  const aside = phase === 'staging' || phase === 'undone' ? [] : await undoSwaps(journal);
  await abandonRestore(journal);
  const found = aside.length === 0 ? '' : ` What appeared meanwhile is now ${aside.join(', ')}.`;
  const message = `The restore of backup ${backupId} was cut off; everything is as it was before it.${found}`;
  return { restoreId, result: 'undone', message };
}
