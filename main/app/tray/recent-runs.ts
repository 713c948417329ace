import { sizeText } from '../../../shared/lib/size-text.ts';
import { momentText } from '../../../shared/lib/time-text.ts';
import type { Run, RunOutcome } from '../../../shared/model/history.ts';

export type RecentRun = Pick<Run, 'id' | 'outcome' | 'startedMs' | 'bytes' | 'message'>;

/** A shape for each outcome, since a menu has no icons everywhere. */
const shapes: Readonly<Record<RunOutcome, string>> = {
  succeeded: '✓',
  incomplete: '▲',
  failed: '✕',
  cancelled: '–',
  skipped: '◦',
};

const words: Readonly<Record<RunOutcome, string | undefined>> = {
  succeeded: undefined,
  incomplete: 'incomplete',
  failed: 'failed',
  cancelled: 'cancelled',
  skipped: 'skipped',
};

/** `✓ 12 min ago, 15.2 MB`, `✕ Tue 14:02, failed`. */
export function recentLabel({ outcome, startedMs, bytes }: RecentRun, nowMs: number): string {
  return `${shapes[outcome]} ${momentText(startedMs, nowMs)}, ${words[outcome] ?? sizeText(bytes)}`;
}
