import { sourceText } from '../../../../shared/model/component.ts';
import { countOf, sizeText } from '../../../../shared/lib/size-text.ts';
import { durationText, momentText } from '../../../../shared/lib/time-text.ts';
import type { ListedBackup, ShownBackup } from '../../../app/operations/list.ts';
import type { BackupOutcome } from '../../../backup/services.ts';
import { findingsText } from './findings.ts';
import { factsText, tableText } from './table.ts';

const triggers = {
  scheduled: 'scheduled',
  manual: 'manual',
  startup: 'at start',
  shutdown: 'at end',
  pre_migration: 'safety',
} as const satisfies Record<ListedBackup['trigger'], string>;

export function backupDoneText(outcome: BackupOutcome): string {
  const { backupId, files, bytes, bytesAdded, bytesStored, durationMs, lockedMs, incomplete } = outcome;
  const what = `${countOf(files, 'file')}, ${sizeText(bytes)}`;
  return [
    `Backup ${backupId} is ${incomplete ? 'incomplete' : 'done'}: ${what} in ${durationText(durationMs)}.`,
    `New: ${sizeText(bytesAdded)}, stored as ${sizeText(bytesStored)}. The database was locked for ${lockedMs} ms.`,
    ...findingsText(outcome),
  ].join('\n');
}

export function backupListText(backups: readonly ListedBackup[], nowMs: number): string {
  if (backups.length === 0) return 'There are no backups.';
  const hasTrashed = backups.some(({ trashedAt }) => trashedAt !== null);
  const columns = [
    { title: 'ID' },
    { title: 'WHEN' },
    { title: 'TRIGGER' },
    { title: 'COMPONENTS' },
    { title: 'FILES', right: true },
    { title: 'SIZE', right: true },
    { title: 'STORED', right: true },
    { title: hasTrashed ? 'DELETED' : 'STATE' },
    { title: 'NOTE' },
  ];
  return tableText(
    columns,
    backups.map((backup) => [
      backup.backupId,
      momentText(Date.parse(backup.timestamp), nowMs),
      triggers[backup.trigger],
      backup.components.join(','),
      String(backup.files),
      sizeText(backup.bytes),
      sizeText(backup.bytesStored),
      backup.trashedAt === null ? stateText(backup) : momentText(Date.parse(backup.trashedAt), nowMs),
      backup.note ?? '',
    ]),
  );
}

function stateText({ damaged, incomplete, warningCount, pinned, ...backup }: ListedBackup): string {
  const { provenSources, sourceCount } = backup;
  const proven =
    provenSources === 0
      ? ''
      : provenSources >= sourceCount
        ? 'proven'
        : `${provenSources}/${sourceCount} proven`;
  const marks = [
    damaged ? 'damaged' : '',
    incomplete ? 'incomplete' : '',
    warningCount > 0 ? countOf(warningCount, 'warning') : '',
    proven,
    pinned ? 'pinned' : '',
  ];
  return marks.filter((mark) => mark !== '').join(', ') || 'ok';
}

export function shownBackupText(backup: ShownBackup, nowMs: number): string {
  const facts = factsText([
    ['Backup', backup.backupId],
    ['Made', `${momentText(Date.parse(backup.timestamp), nowMs)} (${backup.timestamp})`],
    ['Trigger', triggers[backup.trigger]],
    ['Note', backup.note ?? undefined],
    ['State', backup.state === 'trashed' ? `in the trash, ${stateText(backup)}` : stateText(backup)],
    ['Agents', backup.agents.join(', ') || undefined],
    ['Size', `${countOf(backup.files, 'file')}, ${sizeText(backup.bytes)}`],
    ['Added', `${sizeText(backup.bytesAdded)}, stored as ${sizeText(backup.bytesStored)}`],
    ['Took', durationText(backup.durationMs)],
  ]);
  const table = tableText(
    [
      { title: 'SOURCE' },
      { title: 'AGENTS' },
      { title: 'FILES', right: true },
      { title: 'SIZE', right: true },
      { title: 'ADDED', right: true },
      { title: 'PROVEN' },
    ],
    backup.sources.map((part) => [
      sourceText(part),
      part.agents.join(', '),
      part.state === 'failed' ? 'failed' : String(part.files),
      sizeText(part.bytes),
      sizeText(part.bytesAdded),
      part.provenAt === null ? '' : momentText(Date.parse(part.provenAt), nowMs),
    ]),
  );
  return [facts, '', table, ...findingsText(backup)].join('\n');
}
