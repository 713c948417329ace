import { sourceText } from '../../../../shared/model/component.ts';
import { countOf, countText, sizeText } from '../../../../shared/lib/size-text.ts';
import { momentText } from '../../../../shared/lib/time-text.ts';
import type { Difference, FileList } from '../../../app/operations/browse.ts';
import type { DiffEntry } from '../../../backup/browse/diff.ts';
import type { FindResult, FoundPath } from '../../../backup/browse/find.ts';
import type { ListedEntry } from '../../../backup/browse/listed-entry.ts';
import { tableText } from './table.ts';

const marks = { added: '+', removed: '-', changed: '*', metadata: '.' } as const satisfies Record<
  DiffEntry['change'],
  string
>;

export function filesText({ files, isCut }: FileList, nowMs: number): string {
  const rows = files.map((entry) => [
    entry.mode,
    `${entry.uid}:${entry.gid}`,
    entry.kind === 'folder' ? '' : sizeText(entry.size),
    momentText(Date.parse(entry.mtime), nowMs),
    placeText(entry) + (entry.target === undefined ? '' : ` -> ${entry.target}`),
  ]);
  const columns = [
    { title: 'MODE' },
    { title: 'OWNER' },
    { title: 'SIZE', right: true },
    { title: 'CHANGED' },
    { title: 'PATH' },
  ];
  const table = rows.length === 0 ? 'The folder is empty.' : tableText(columns, rows);
  return isCut
    ? `${table}\nCut after ${countOf(files.length, 'entry', 'entries')}: there are more. Name a part with --component, --volume or --path.`
    : table;
}

export function differenceText({ counts, entries, isCut }: Difference): string {
  const lines = entries.map((entry) => `${marks[entry.change]} ${pathText(entry)}${sizeChange(entry)}`);
  const { added, removed, changed, metadata } = counts;
  const sum = `${countText(added)} added (+), ${countText(removed)} removed (-), ${countText(changed)} changed (*), ${countText(metadata)} with another mode, owner or time only (.).`;
  return [
    ...lines,
    ...(isCut ? [`Cut after ${countText(entries.length)} of them; the counts are of all.`] : []),
    sum,
  ].join('\n');
}

export function foundText(result: FindResult, nowMs: number): string {
  const lines = result.found.flatMap((found) => [pathText(found), ...versionLines(found, nowMs)]);
  const unreadable = result.unreadable.map(
    ({ backupId, message }) => `Warning: ${backupId} could not be searched: ${message}`,
  );
  const sum = `${countOf(result.found.length, 'path')} in ${countOf(result.backups, 'backup')}.`;
  return [
    ...lines,
    ...unreadable,
    ...(result.isCut
      ? [`Cut after ${countText(result.found.length)} paths: name it more exactly, as in "*.md".`]
      : []),
    sum,
  ].join('\n');
}

/** Versions that equal the one before are not worth a line of their own. */
function versionLines({ versions }: FoundPath, nowMs: number): string[] {
  return versions
    .filter(({ sameAsPrevious }) => !sameAsPrevious)
    .map(
      (version) =>
        `  ${version.backupId}  ${momentText(Date.parse(version.timestamp), nowMs)}  ${version.kind === 'folder' ? 'folder' : sizeText(version.size)}`,
    );
}

function sizeChange({ before, after }: DiffEntry): string {
  if (before === undefined || after === undefined || before.size === after.size) return '';
  return `  (${sizeText(before.size)} -> ${sizeText(after.size)})`;
}

function placeText(entry: ListedEntry): string {
  const path = pathText(entry);
  return entry.kind === 'folder' ? `${path}/` : path;
}

function pathText(entry: Readonly<{ component: string; volume: string; path: string }>): string {
  return entry.path === '' ? sourceText(entry) : `${sourceText(entry)}/${entry.path}`;
}
