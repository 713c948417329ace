import { Anchor, Group, Select, Stack, Text } from '@mantine/core';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { sizeText } from '../../../../shared/lib/size-text.ts';
import { momentText } from '../../../../shared/lib/time-text.ts';
import { navigate } from '../../../app/navigate.ts';
import { addressOf } from '../../../app/routes.ts';
import { Empty } from '../../../ui/frame/Empty.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { useMinute } from '../../../ui/text/Moment.tsx';
import { Page } from '../../../ui/frame/Page.tsx';
import { triggerWords } from '../../../ui/text/words.ts';
import { NextBackup } from '../../overview/NextBackup.tsx';
import { useBackups } from '../../restore/use-backups.ts';
import { Comparison } from './Comparison.tsx';

type Listed = CallOutput<'backups.list'>['backups'];

/** What came, went and changed from one backup to another. */
export function ComparePage({ parameters }: Readonly<{ parameters: URLSearchParams }>) {
  const query = useBackups({});
  return (
    <Page
      title="Compare two backups"
      actions={<Anchor href={addressOf('history')}>Back to the history</Anchor>}
    >
      <Loaded query={query} what="Reading the backups">
        {({ backups }) =>
          backups.length < 2 ? (
            <Empty title="There is nothing to compare yet">
              <Stack align="center" gap="sm">
                <span>It takes two backups.</span>
                <NextBackup />
              </Stack>
            </Empty>
          ) : (
            <Chosen backups={backups} parameters={parameters} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Chosen({ backups, parameters }: Readonly<{ backups: Listed; parameters: URLSearchParams }>) {
  const { first, second } = pairOf(backups, parameters);
  const go = (changed: Readonly<Record<string, string>>): void =>
    navigate('history', { ...Object.fromEntries(parameters), view: 'compare', first, second, ...changed });
  return (
    <Stack gap="md">
      <Group gap="md" align="flex-end">
        <BackupSelect
          label="From"
          backups={backups}
          value={first}
          onChange={(value) => go({ first: value })}
        />
        <BackupSelect
          label="To"
          backups={backups}
          value={second}
          onChange={(value) => go({ second: value })}
        />
      </Group>
      {first === second || second === '' ? (
        <Text>Choose two different backups.</Text>
      ) : (
        <Comparison
          key={`${first} ${second}`}
          firstId={first}
          secondId={second}
          wanted={parameters.get('path') ?? ''}
        />
      )}
    </Stack>
  );
}

/** What the address says; where it names one backup only, the one before it, or after the oldest the next. */
function pairOf(backups: Listed, parameters: URLSearchParams) {
  const second = parameters.get('second') ?? backups[0]?.backupId ?? '';
  const first = parameters.get('first');
  if (first !== null) return { first, second };
  const at = backups.findIndex(({ backupId }) => backupId === second);
  const installId = backups[at]?.installId;
  const own = (list: Listed): Listed => list.filter((backup) => backup.installId === installId);
  const older = own(backups.slice(at + 1))[0];
  if (older !== undefined) return { first: older.backupId, second };
  return { first: second, second: own(backups.slice(0, Math.max(0, at))).at(-1)?.backupId ?? '' };
}

type SelectProps = Readonly<{
  label: string;
  backups: Listed;
  value: string;
  onChange: (backupId: string) => void;
}>;

function BackupSelect({ label, backups, value, onChange }: SelectProps) {
  const nowMs = useMinute();
  const data = backups.map(({ backupId, timestamp, trigger, bytes }) => ({
    value: backupId,
    label: `${momentText(Date.parse(timestamp), nowMs)} · ${triggerWords[trigger]} · ${sizeText(bytes)} · ${backupId.slice(0, 8)}`,
  }));
  return (
    <Select
      label={label}
      data={data}
      value={value === '' ? null : value}
      searchable
      limit={100}
      nothingFoundMessage="No such backup"
      allowDeselect={false}
      flex={1}
      onChange={(chosen) => {
        if (chosen !== null) onChange(chosen);
      }}
    />
  );
}
