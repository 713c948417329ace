import { assertNever } from '../../../shared/lib/assert-never.ts';
import { countOf, sizeText } from '../../../shared/lib/size-text.ts';
import { verifiedText } from '../../../shared/lib/verified-text.ts';
import type { EventSeverity } from '../../../shared/model/history.ts';
import type { NewRun } from '../../catalog/run-table.ts';
import { sourceName } from '../status/source-name.ts';

const names: Readonly<Record<string, string>> = {
  backup: 'backup',
  restore: 'restore',
  verify: 'check of the vault',
  drill: 'rehearsal',
  collect: 'clearing of unused space',
  copy: 'copying of the vault',
  'verify-copy': 'check of a copy',
};

/** The end of a run as one line of the page Activity. `about`: of what and where, as in "of agent one into /srv/one". */
export function wordsOf(run: NewRun, about?: string): Readonly<{ severity: EventSeverity; words: string }> {
  const what = `The ${run.trigger === undefined ? '' : `${triggerWords[run.trigger]} `}${names[run.operation] ?? run.operation}${about === undefined ? '' : ` ${shortened(about)}`}`;
  const which = run.backupId === undefined ? '' : ` (${run.backupId})`;
  const why = run.message === undefined ? '.' : `: ${withStop(run.message)}`;
  switch (run.outcome) {
    case 'succeeded':
      return {
        severity: (run.warnings ?? 0) > 0 ? 'warning' : 'info',
        words: `${what}${which} is done${doneWords(run)}.`,
      };
    case 'incomplete':
      return {
        severity: 'warning',
        words: `${what}${which} is incomplete${missingWords(run)}`,
      };
    case 'failed':
      return { severity: 'error', words: `${what}${which} failed${why}` };
    case 'cancelled':
      return { severity: 'info', words: `${what} was cancelled.` };
    case 'skipped':
      return { severity: 'info', words: `${what} was skipped${why}` };
    default:
      return assertNever(run.outcome);
  }
}

const triggerWords = {
  scheduled: 'scheduled',
  manual: 'manual',
  startup: 'start-up',
  shutdown: 'shutdown',
  pre_migration: 'safety',
} as const;

function doneWords({ operation, files = 0, bytes = 0, warnings = 0 }: NewRun): string {
  if (operation === 'verify' || operation === 'verify-copy')
    return `: ${verifiedText({ checkedBytes: bytes, contentBytes: 0 })}`;
  if (operation !== 'backup') return '';
  const warned = warnings === 0 ? '' : `, with ${countOf(warnings, 'warning')}`;
  return `: ${countOf(files, 'file')}, ${sizeText(bytes)}${warned}`;
}

function missingWords({ failedSources, message }: NewRun): string {
  if (failedSources.length > 0)
    return `: ${failedSources.map((source) => sourceName(source, [])).join(', ')} could not be copied.`;
  return message === undefined ? '.' : `: ${withStop(message)}`;
}

/** The name of a folder may be longer than a line of the activity. */
function shortened(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

function withStop(text: string): string {
  return /[.?]$/u.test(text) ? text : `${text}.`;
}
