import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { countOf, sizeText } from '../../../shared/lib/size-text.ts';
import { clockText, durationText } from '../../../shared/lib/time-text.ts';
import { useCall } from '../../client/engine.tsx';
import { useFeature } from '../../client/use-feature.ts';
import { AsOf } from '../../ui/state/AsOf.tsx';
import { isVaultShut } from '../../ui/state/ErrorNotice.tsx';
import { Moment, useMinute } from '../../ui/text/Moment.tsx';
import classes from './Overview.module.css';

type Run = CallOutput<'history.coverage'>['runs'][number];
type Standing = CallOutput<'status.get'>;

/** What people look for first, in a row. */
export function Facts({ standing, runs }: Readonly<{ standing: Standing; runs: readonly Run[] }>) {
  const last = runs.find(({ outcome }) => outcome === 'succeeded' || outcome === 'incomplete');
  return (
    <div className={classes['facts']}>
      <Fact
        label="Last backup"
        value={last === undefined ? noneText(standing.sources) : <Moment at={last.finishedMs} />}
      >
        {last !== undefined &&
          `${sizeText(last.bytesAdded)} new, in ${durationText(last.finishedMs - last.startedMs)}`}
      </Fact>
      <LastProof sources={standing.sources} />
      <NextRun atIso={standing.nextRunAt} isPaused={standing.state === 'paused'} />
      <Kept />
    </div>
  );
}

function noneText(sources: Standing['sources']): string {
  return sources.every(({ lastBackupAt }) => lastBackupAt === null) ? 'None yet' : 'None in 30 days';
}

function LastProof({ sources }: Readonly<{ sources: Standing['sources'] }>) {
  const isEntitled = useFeature('drills');
  // Proofs lie in the vault: while it cannot be asked, nobody knows of them.
  const { error } = useCall('vault.size', {});
  const proven = sources.flatMap(({ provenAt, name }) => (provenAt === null ? [] : [{ provenAt, name }]));
  const newest = proven.toSorted((one, other) => (one.provenAt < other.provenAt ? 1 : -1))[0];
  const label = 'Last proof';
  if (newest === undefined && error !== null) return <Fact label={label} value="Not known now" />;
  if (newest === undefined) {
    return (
      <Fact label={label} value="Not yet">
        {isEntitled ? 'A rehearsal proves it' : 'Rehearsals are not in this edition; restoring always is'}
      </Fact>
    );
  }
  const lacking = sources.length - proven.length;
  return (
    <Fact label={label} value={<Moment at={newest.provenAt} />}>
      {lacking > 0
        ? `${countOf(lacking, 'source')} not rehearsed yet`
        : `${namesText(proven.map(({ name }) => name))} proven to restore`}
    </Fact>
  );
}

function namesText(names: readonly string[]): string {
  const text =
    names.length <= 2 ? names.join(' and ') : `${names[0] ?? ''} and ${String(names.length - 1)} others`;
  return text.replace(/^./u, (first) => first.toUpperCase());
}

function NextRun({ atIso, isPaused }: Readonly<{ atIso: string | null; isPaused: boolean }>) {
  const nowMs = useMinute();
  const schedule = useCall('schedule.get', {});
  const isEntitled = useFeature('schedule');
  const hours = schedule.data?.everyHours;
  if (atIso === null) {
    return (
      <Fact label="Next run" value={isPaused ? 'Paused' : 'Not planned'}>
        {isEntitled
          ? !isPaused && 'Backups by the schedule are off'
          : 'The schedule is not in this edition; Back up now always is'}
      </Fact>
    );
  }
  return (
    <Fact label="Next run" value={clockText(Date.parse(atIso), nowMs)}>
      {hours !== undefined && (hours === 1 ? 'Every hour' : `Every ${String(hours)} hours`)}
    </Fact>
  );
}

function Kept() {
  const size = useCall('vault.size', {});
  const { data, error } = size;
  if (data === undefined) {
    return (
      <Fact label="Kept" value={error === null ? '…' : 'Not known now'}>
        {error !== null && !isVaultShut(error) && error.message}
      </Fact>
    );
  }
  const { backups, storedBytes, contentBytes } = data;
  const saved = contentBytes === 0 ? 0 : Math.floor((1 - storedBytes / contentBytes) * 100);
  return (
    <Fact label="Kept" value={countOf(backups, 'backup')}>
      {backups > 0 && `${sizeText(storedBytes)}${saved > 0 ? `, ${String(saved)} % saved` : ''}`}
      <AsOf query={size} />
    </Fact>
  );
}

function Fact({
  label,
  value,
  children,
}: Readonly<{ label: string; value: ReactNode; children?: ReactNode }>) {
  return (
    <div className={classes['fact']}>
      <div className={classes['label']}>{label}</div>
      <Text className={classes['value']} component="div">
        {value}
      </Text>
      <div className={classes['quiet']}>{children}</div>
    </div>
  );
}
