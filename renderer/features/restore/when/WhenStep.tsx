import '@mantine/dates/styles.css';
import { Alert, Badge, Button, Group, Stack, Text } from '@mantine/core';
import { Calendar } from '@mantine/dates';
import { useMemo, useState } from 'react';
import { countOf, sizeText } from '../../../../shared/lib/size-text.ts';
import { Empty } from '../../../ui/frame/Empty.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { Moment } from '../../../ui/text/Moment.tsx';
import { VirtualRows } from '../../../ui/lists/VirtualRows.tsx';
import { triggerWords } from '../../../ui/text/words.ts';
import { nameOf, type What } from '../choice.ts';
import { OptionRow } from '../OptionRow.tsx';
import classes from '../Restore.module.css';
import { StepHeading } from '../../../ui/frame/StepHeading.tsx';
import type { ListedBackup } from '../use-backups.ts';
import { useVersions, type Versions } from './use-versions.ts';

type Props = Readonly<{ what: What; onChoose: (backupId: string) => void }>;

/** The backups that hold it, newest first, and the days that have one. */
export function WhenStep({ what, onChoose }: Props) {
  const query = useVersions(what);
  return (
    <Stack gap="md">
      <StepHeading takesFocus>From when?</StepHeading>
      <Loaded query={query} what="Reading the backups">
        {(versions) =>
          versions.backups.length === 0 ? (
            <Empty title={`No backup holds ${nameOf(what)}`}>Go back and choose something else.</Empty>
          ) : (
            <Choices versions={versions} onChoose={onChoose} />
          )
        }
      </Loaded>
    </Stack>
  );
}

function Choices({ versions, onChoose }: Readonly<{ versions: Versions; onChoose: Props['onChoose'] }>) {
  const { backups, from, left } = versions;
  const [day, setDay] = useState<string>();
  // Of ten thousand that takes a while: not with each drawing.
  const days = useMemo(() => Map.groupBy(backups, dayOf), [backups]);
  const shown = day === undefined ? backups : (days.get(day) ?? []);
  return (
    <Stack gap="sm">
      {from !== null && (
        <Alert variant="light" color="yellow" role="status">
          The vault is away: these backups are in its copy {from}, which is read instead.
        </Alert>
      )}
      {left > 0 && (
        <Text c="var(--page-quiet)">
          Only backups in which it differs; {countOf(left, 'other')} {left === 1 ? 'holds' : 'hold'} the same.
        </Text>
      )}
      <div className={classes['when']}>
        <Stack gap="xs">
          <Calendar
            size="sm"
            previousLabel="Month before"
            nextLabel="Month after"
            getDayProps={(date) => dayProps(date, { days, day, onDay: setDay })}
            // Red is for states.
            weekendDays={[]}
          />
          {day !== undefined && (
            <Button variant="default" size="xs" onClick={() => setDay(undefined)}>
              Show all days
            </Button>
          )}
        </Stack>
        <VirtualRows label="Backups" count={shown.length} rowHeight={84} height={420}>
          {(index) => {
            const backup = shown[index];
            return backup === undefined ? undefined : <BackupRow backup={backup} onChoose={onChoose} />;
          }}
        </VirtualRows>
      </div>
    </Stack>
  );
}

function dayProps(
  date: string,
  {
    days,
    day,
    onDay,
  }: Readonly<{
    days: ReadonlyMap<string, readonly ListedBackup[]>;
    day: string | undefined;
    onDay: (day: string) => void;
  }>,
) {
  const isMarked = days.has(date);
  return {
    selected: date === day,
    disabled: !isMarked,
    'aria-label': isMarked ? `${dayText(date)}, has backups` : dayText(date),
    ...(isMarked ? { 'data-marked': true } : {}),
    onClick: () => onDay(date),
  };
}

function BackupRow({
  backup,
  onChoose,
}: Readonly<{ backup: ListedBackup; onChoose: (backupId: string) => void }>) {
  return (
    <OptionRow
      isFlat
      onChoose={() => onChoose(backup.backupId)}
      title={
        <Group gap="xs" component="span">
          <Moment at={backup.timestamp} />
          {backup.damaged && (
            <Badge variant="outline" color="red" component="span">
              Damaged
            </Badge>
          )}
          {!backup.damaged && backup.provenSources > 0 && backup.provenSources === backup.sourceCount && (
            <Badge variant="outline" color="green" component="span">
              Proven
            </Badge>
          )}
          {backup.incomplete && (
            <Badge variant="outline" color="yellow" component="span">
              Incomplete
            </Badge>
          )}
        </Group>
      }
    >
      {[
        triggerWords[backup.trigger],
        `${countOf(backup.files, 'file')}, ${sizeText(backup.bytes)}`,
        // Of one that was made before a restore it says no more.
        ...(backup.note === null || backup.trigger === 'pre_migration' ? [] : [backup.note]),
      ].join(' · ')}
    </OptionRow>
  );
}

/** In words, with the number that is seen: `13 November 2026`. */
function dayText(date: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long' }).format(new Date(`${date}T12:00:00`));
}

/** By the local time zone, as the calendar names days. */
function dayOf({ timestamp }: ListedBackup): string {
  const date = new Date(timestamp);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
