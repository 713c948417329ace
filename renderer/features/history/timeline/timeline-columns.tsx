import { IconPinFilled, IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { countOf, sizeText } from '../../../../shared/lib/size-text.ts';
import { dayMs, durationText } from '../../../../shared/lib/time-text.ts';
import type { TimelineEntry } from './timeline-entry.ts';
import { Moment } from '../../../ui/text/Moment.tsx';
import { StateShape } from '../../../ui/state/StateShape.tsx';
import type { Column } from '../../../ui/lists/VirtualTable.tsx';
import { contentWords, outcomeLooks, triggerWords } from '../../../ui/text/words.ts';
import classes from '../History.module.css';

const operationWords: Readonly<Record<string, string>> = {
  restore: 'A restore',
  drill: 'A rehearsal',
  verify: 'A check of the vault',
  'verify-copy': 'A check of a copy',
  copy: 'Copying the vault',
  collect: 'Clearing unused space',
};

/** What a row is about, in a few words. */
export function whatWords({ operation, components, agents }: TimelineEntry): string {
  if (operation !== 'backup') return operationWords[operation] ?? operation;
  return components.length === 0 ? 'A backup' : contentWords(components, agents);
}

export function columnsFor(isTrash: boolean): readonly Column<TimelineEntry>[] {
  if (isTrash) return [time, what, trigger, added, daysLeft];
  return [time, { ...what, takesRest: ({ backupId }) => backupId === null }, trigger, added, duration, marks];
}

const time: Column<TimelineEntry> = {
  key: 'time',
  header: 'Time',
  width: '158px',
  cell: ({ atMs, outcome }) => (
    <span className={classes['time']}>
      <StateShape {...outcomeLooks[outcome]} size={18} />
      <span className={classes['unseen']}>{outcomeLooks[outcome].words}, </span>
      <Moment at={atMs} />
    </span>
  ),
};

const what: Column<TimelineEntry> = {
  key: 'what',
  header: 'What',
  width: 'minmax(140px, 1fr)',
  cell: (row) => (
    <div className={classes['what']}>
      {whatWords(row)}
      {row.backupId === null && row.trigger !== null && (
        <span className={classes['quiet']}> · {triggerWords[row.trigger].toLowerCase()}</span>
      )}
      {row.isForeign && <span className={classes['quiet']}> · of another install</span>}
      <Aside row={row} />
    </div>
  ),
};

/** What makes the row worth a second look. */
function Aside({ row: { outcome, warningCount, message, note } }: Readonly<{ row: TimelineEntry }>) {
  const { words } = outcomeLooks[outcome];
  const texts = [
    ...(outcome === 'succeeded' || outcome === 'warnings' ? [] : [words]),
    ...(outcome === 'warnings' ? [countOf(warningCount, 'warning')] : []),
    ...(message === null ? [] : [message]),
    ...(note === null ? [] : [note]),
  ];
  const text = texts.join(': ');
  return texts.length === 0 ? null : (
    <div className={classes['aside']} title={text}>
      {text}
    </div>
  );
}

const trigger: Column<TimelineEntry> = {
  key: 'trigger',
  header: 'Trigger',
  width: '116px',
  isSpare: true,
  cell: ({ trigger: why }) => (why === null ? '' : triggerWords[why]),
};

const added: Column<TimelineEntry> = {
  key: 'added',
  header: 'Added / total',
  width: '144px',
  isNumber: true,
  cell: ({ backupId, bytesAdded, bytes }) =>
    backupId === null ? '' : `${sizeText(bytesAdded)} / ${sizeText(bytes)}`,
};

const duration: Column<TimelineEntry> = {
  key: 'duration',
  header: 'Took',
  width: '64px',
  isSpare: true,
  isNumber: true,
  cell: ({ durationMs, outcome }) => (outcome === 'skipped' ? '' : durationText(durationMs)),
};

const marks: Column<TimelineEntry> = {
  key: 'marks',
  header: 'Proof, pin',
  width: '68px',
  cell: ({ damaged, provenSources, sourceCount, pinned }) => (
    <span className={classes['marks']}>
      {damaged && (
        <Mark words="Damaged">
          <IconShieldX size={18} className={classes['damaged']} />
        </Mark>
      )}
      {!damaged && provenSources > 0 && (
        <Mark words={provenSources >= sourceCount ? 'Proven to restore' : 'Proven in part'}>
          <IconShieldCheck size={18} data-part={provenSources < sourceCount} className={classes['proof']} />
        </Mark>
      )}
      {pinned && (
        <Mark words="Pinned">
          <IconPinFilled size={18} />
        </Mark>
      )}
    </span>
  ),
};

function Mark({ words, children }: Readonly<{ words: string; children: React.ReactNode }>) {
  return (
    <span role="img" aria-label={words} title={words} className={classes['mark']}>
      {children}
    </span>
  );
}

const daysLeft: Column<TimelineEntry> = {
  key: 'left',
  header: 'Days left',
  width: '80px',
  isNumber: true,
  cell: ({ deadlineMs }) => (deadlineMs === null ? '' : String(daysUntil(deadlineMs))),
};

/** Whole days until then; 0 on the last. */
function daysUntil(deadlineMs: number): number {
  return Math.max(0, Math.floor((deadlineMs - Date.now()) / dayMs));
}
