import type { StatusAction } from '../../../shared/model/status.ts';
import type { FailureKind } from '../../../shared/model/failure-kind.ts';

/** Pages that mend what no operation can mend by itself. */
type Page = 'setup' | 'unlock' | 'progress' | 'storage' | 'backup' | 'settings';

/** Leads a person to a page. */
export function show(label: string, page: Page, more: Readonly<Record<string, string>> = {}): StatusAction {
  return { label, operation: 'show', input: { page, ...more } };
}

export const backUpNow: StatusAction = { label: 'Back up now', operation: 'backup', input: {} };

export const rehearse: StatusAction = { label: 'Run a rehearsal', operation: 'drill', input: {} };

const retry: StatusAction = { label: 'Retry', operation: 'backup', input: {} };

/** What mends the cause of a failed run, else to try again. */
export function mendingAction(kind: FailureKind): StatusAction {
  if (kind === 'locked') return show('Unlock', 'unlock');
  return kind === 'full' ? show('Free space', 'storage') : retry;
}
