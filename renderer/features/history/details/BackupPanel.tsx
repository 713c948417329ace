import { Badge, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { countOf, countText, sizeText } from '../../../../shared/lib/size-text.ts';
import { durationText } from '../../../../shared/lib/time-text.ts';
import { useCall } from '../../../client/engine.tsx';
import { CopyText } from '../../../ui/text/CopyText.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { Moment } from '../../../ui/text/Moment.tsx';
import { SidePanel } from '../../../ui/frame/SidePanel.tsx';
import { triggerWords } from '../../../ui/text/words.ts';
import { BackupActions } from '../actions/BackupActions.tsx';
import { Findings } from './Findings.tsx';
import classes from '../History.module.css';
import { Parts } from './Parts.tsx';

type Shown = CallOutput<'backups.show'>;

/** Everything about one backup, and what can be done with it. */
export function BackupPanel({ backupId, onClose }: Readonly<{ backupId: string; onClose: () => void }>) {
  const query = useCall('backups.show', { backupId });
  const title = query.data === undefined ? 'Backup' : <BackupTitle backup={query.data} />;
  return (
    <SidePanel title={title} onClose={onClose}>
      <Loaded query={query} what="Reading the backup">
        {(backup) => (
          <Stack gap="lg">
            <BackupActions backup={backup} onGone={onClose} />
            <Facts backup={backup} />
            <Findings title="Warnings" findings={backup.warnings} sources={backup.sources} />
            <Parts sources={backup.sources} />
            <Findings title="Notes" findings={backup.notes} sources={backup.sources} isQuiet />
          </Stack>
        )}
      </Loaded>
    </SidePanel>
  );
}

function BackupTitle({ backup }: Readonly<{ backup: Shown }>) {
  return (
    <Group gap="xs" component="span">
      <span>
        Backup, <Moment at={backup.timestamp} />
      </span>
      {backup.pinned && (
        <Badge component="span" variant="outline">
          Pinned
        </Badge>
      )}
      {backup.state === 'trashed' && (
        <Badge component="span" variant="outline" color="yellow">
          In the trash
        </Badge>
      )}
    </Group>
  );
}

function Facts({ backup }: Readonly<{ backup: Shown }>) {
  const { skewMs } = backup.install;
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Trigger', triggerWords[backup.trigger]],
    ...(backup.note === null ? [] : [['Note', backup.note] as const]),
    ['Holds', `${countOf(backup.files, 'file')}, ${sizeText(backup.bytes)}`],
    ['Added', `${sizeText(backup.bytesAdded)}, stored as ${sizeText(backup.bytesStored)}`],
    ['Took', durationText(backup.durationMs)],
    ['Proof', proofText(backup)],
    ...(typeof skewMs === 'number'
      ? [['Taken', `All parts within ${durationText(skewMs)} of each other`] as const]
      : []),
    ...(backup.trinityVersion === null ? [] : [['Trinity', backup.trinityVersion] as const]),
    ['Id', <CopyText key="id" text={backup.backupId} what="id" />],
    ['Checksum', <CopyText key="checksum" text={backup.checksum} what="checksum" />],
  ];
  return (
    <dl className={classes['facts']}>
      {facts.map(([name, value]) => (
        <FactRow key={name} name={name}>
          {value}
        </FactRow>
      ))}
    </dl>
  );
}

function FactRow({ name, children }: Readonly<{ name: string; children: ReactNode }>) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <Text component="span">{children}</Text>
      </dd>
    </>
  );
}

function proofText({ damaged, provenSources, sourceCount }: Shown): string {
  if (damaged) return 'Damaged: a check found that not all of it can be restored';
  if (provenSources === 0) return 'Not rehearsed yet';
  return `${countText(provenSources)} of ${countOf(sourceCount, 'source')} restored in a rehearsal`;
}
