import { countOf } from '../size-text.ts';
import { durationText } from '../time-text.ts';

/** What became of a restore, as the result says it first. `name` as within a sentence. */
export function restoredText(
  done: Readonly<{
    name: string;
    isAgent: boolean;
    files: number;
    stoppedMs: number;
    restartRequired: boolean;
    tookMs: number;
  }>,
): string {
  const { name, isAgent, files, stoppedMs, restartRequired, tookMs } = done;
  const isRunning = isAgent && stoppedMs > 0 && !restartRequired;
  const what = isRunning ? `${name} is running again.` : `Restored ${name}.`;
  const count = files === 0 ? 'Nothing differed.' : `${countOf(files, 'file')} restored and checked.`;
  return `${what} ${count} It took ${durationText(tookMs)}.`;
}
