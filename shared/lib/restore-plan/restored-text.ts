import { countOf } from '../size-text.ts';
import { durationText } from '../time-text.ts';

/** What became of a restore, as the result says it first. `name` as within a sentence. */
export function restoredText(
  done: Readonly<{
    name: string;
    isAgent: boolean;
    /** It brought back what was there before another restore. */
    isUndo: boolean;
    files: number;
    stoppedMs: number;
    restartRequired: boolean;
    tookMs: number;
  }>,
): string {
  const { name, isAgent, isUndo, files, stoppedMs, restartRequired, tookMs } = done;
  const isRunning = isAgent && stoppedMs > 0 && !restartRequired;
  const what = isUndo
    ? undoneText(name, isRunning)
    : isRunning
      ? `${name} is running again.`
      : `Restored ${name}.`;
  // What the backup lacks may have been taken away all the same.
  const count =
    files === 0 ? 'No file had to be written.' : `${countOf(files, 'file')} restored and checked.`;
  return `${what} ${count} It took ${durationText(tookMs)}.`;
}

function undoneText(name: string, isRunning: boolean): string {
  return `Undone: what was there before is back${isRunning ? `, and ${name} is running again` : ''}.`;
}
