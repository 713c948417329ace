import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { countOf, sizeText } from '../../../shared/lib/size-text.ts';
import { durationText } from '../../../shared/lib/time-text.ts';
import { useCall } from '../../client/engine.tsx';
import { Moment } from '../../ui/Moment.tsx';
import classes from './Overview.module.css';

type Run = CallOutput<'history.coverage'>['runs'][number];

/** What people look for first, in a row. */
export function Facts({
  standing,
  runs,
}: Readonly<{ standing: CallOutput<'status.get'>; runs: readonly Run[] }>) {
  const backups = useCall('backups.list', { limit: 1 });
  const last = runs.find(({ operation, outcome }) => operation === 'backup' && isGood(outcome));
  const proofs = standing.sources.flatMap(({ provenAt }) => (provenAt === null ? [] : [provenAt]));
  const unproven = standing.sources.length - proofs.length;
  const oldestProof = proofs.toSorted()[0];
  return (
    <div className={classes['facts']}>
      <Fact
        label="Last backup"
        value={last === undefined ? 'None in 30 days' : <Moment at={last.finishedMs} />}
      >
        {last !== undefined &&
          `${sizeText(last.bytesAdded)} new, in ${durationText(last.finishedMs - last.startedMs)}`}
      </Fact>
      <Fact label="Oldest proof" value={oldestProof === undefined ? 'Not yet' : <Moment at={oldestProof} />}>
        {unproven > 0 && `${countOf(unproven, 'source')} not proven yet`}
        {unproven === 0 && proofs.length > 0 && `${countOf(proofs.length, 'source')} rehearsed`}
      </Fact>
      <Fact label="Kept" value={backups.data === undefined ? '…' : countOf(backups.data.total, 'backup')}>
        {backups.data?.backups[0] !== undefined &&
          `The newest holds ${sizeText(backups.data.backups[0].bytes)}`}
      </Fact>
      <Fact label="Runs in 30 days" value={countOf(begunBackups(runs).length, 'backup')}>
        {failuresText(runs)}
      </Fact>
    </div>
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

function isGood(outcome: Run['outcome']): boolean {
  return outcome === 'succeeded' || outcome === 'incomplete';
}

/** Those that were begun: a skipped one left all as it was. */
function begunBackups(runs: readonly Run[]): readonly Run[] {
  return runs.filter(({ operation, outcome }) => operation === 'backup' && outcome !== 'skipped');
}

function failuresText(runs: readonly Run[]): string {
  const failed = runs.filter(
    ({ operation, outcome }) => operation === 'backup' && outcome === 'failed',
  ).length;
  return failed === 0 ? 'None failed' : `${countOf(failed, 'run')} failed`;
}
