import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { countOf, sizeText } from '../../../../shared/lib/size-text.ts';
import type { Column } from '../../../ui/lists/VirtualTable.tsx';
import classes from '../History.module.css';
import { type Change, grownBy } from '../../../../shared/model/comparison.ts';
import { bytesGrownText, entryName } from './compare-words.ts';
import type { CompareRow } from './use-comparison.ts';

/** What became of a file, in words. */
export const changeWords: Readonly<Record<Change, string>> = {
  added: 'Added',
  removed: 'Removed',
  changed: 'Changed',
  metadata: 'Owner, mode or time',
};

/** `nameOf` says whose source it is. */
export function compareColumns(
  nameOf: (component: string, volume: string) => string,
): readonly Column<CompareRow>[] {
  return [
    {
      key: 'name',
      header: 'Name',
      width: 'minmax(0, 1fr)',
      cell: (row) =>
        row.kind === 'file' ? (
          <span className={classes['file']} title={row.entry.path}>
            <bdi>{entryName(row.entry.path)}</bdi>
          </span>
        ) : (
          <span className={classes['group']}>
            {row.isClosed ? <IconChevronRight size={14} /> : <IconChevronDown size={14} />}
            <span className={classes['unseen']}>{row.isClosed ? 'Closed' : 'Open'}</span>{' '}
            {nameOf(row.component, row.volume)}
            {row.folder === '' ? '' : ` · ${row.folder}`}
          </span>
        ),
    },
    {
      key: 'change',
      header: 'Change',
      width: '150px',
      cell: (row) => (row.kind === 'file' ? changeWords[row.entry.change] : countOf(row.count, 'difference')),
    },
    {
      key: 'before',
      header: 'Before',
      width: '80px',
      isNumber: true,
      cell: (row) => (row.kind === 'file' ? sizeOf(row.entry.before) : ''),
    },
    {
      key: 'after',
      header: 'After',
      width: '80px',
      isNumber: true,
      cell: (row) => (row.kind === 'file' ? sizeOf(row.entry.after) : ''),
    },
    {
      key: 'grown',
      header: 'Difference',
      width: '88px',
      isNumber: true,
      cell: (row) => bytesGrownText(row.kind === 'file' ? grownBy(row.entry) : row.grown),
    },
  ];
}

function sizeOf(entry: Readonly<{ kind: string; size: number }> | undefined): string {
  return entry === undefined || entry.kind === 'folder' ? '' : sizeText(entry.size);
}
