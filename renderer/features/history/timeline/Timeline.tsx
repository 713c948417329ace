import { Button, Stack } from '@mantine/core';
import { navigate } from '../../../app/navigate.ts';
import { addressOf } from '../../../app/routes.ts';
import type { TimelineSource } from '../../../../shared/model/timeline.ts';
import { Empty } from '../../../ui/frame/Empty.tsx';
import { AsOf } from '../../../ui/state/AsOf.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { VirtualTable } from '../../../ui/lists/VirtualTable.tsx';
import { Waiting } from '../../../ui/frame/Waiting.tsx';
import { NextBackup } from '../../overview/NextBackup.tsx';
import { BackupPanel } from '../details/BackupPanel.tsx';
import { Filters } from './Filters.tsx';
import { filterOf, isFiltered } from './history-filter.ts';
import { RunPanel } from '../details/RunPanel.tsx';
import { columnsFor } from './timeline-columns.tsx';
import { SourceNotice, UnreadableNotice } from './TimelineNotices.tsx';
import { useTimeline } from './use-timeline.ts';

/** Every backup and every run that made none, newest first; what is chosen opens beside it. */
export function Timeline({ parameters }: Readonly<{ parameters: URLSearchParams }>) {
  const filter = filterOf(parameters);
  const { first, error, outdated, retry, rowAt, rowOf, onShown } = useTimeline(filter);
  const backupId = parameters.get('backup');
  const runId = parameters.get('run');
  const go = (changed: Readonly<Record<string, string | undefined>>): void =>
    navigate('history', { ...Object.fromEntries(parameters), backup: undefined, run: undefined, ...changed });
  return (
    <Stack gap="md">
      {first !== undefined && (
        <Filters filter={filter} components={first.components} agents={first.agents} onChange={go} />
      )}
      {first !== undefined && <SourceNotice source={first.source} onAgain={retry} />}
      {first !== undefined && <UnreadableNotice unreadable={first.unreadable} />}
      {outdated !== undefined && <AsOf query={outdated} />}
      {error !== null && <ErrorNotice error={error} onRetry={retry} />}
      {first === undefined && error === null && <Waiting what="Reading the history" />}
      {first?.total === 0 && (
        <Nothing isFiltered={isFiltered(filter)} isTrash={filter.trash} source={first.source.state} />
      )}
      {first !== undefined && first.total > 0 && (
        <VirtualTable
          label={filter.trash ? 'Deleted backups' : 'Backups and failed runs'}
          columns={columnsFor(filter.trash)}
          count={first.total}
          rowAt={rowAt}
          onShown={onShown}
          isOpen={(row) => row.key === (backupId ?? `run:${runId ?? ''}`)}
          onOpen={(row) => go(row.key.startsWith('run:') ? { run: String(row.runId) } : { backup: row.key })}
        />
      )}
      {backupId !== null && <BackupPanel key={backupId} backupId={backupId} onClose={() => go({})} />}
      {/* An address may name both, and even alike. */}
      {backupId === null && runId !== null && (
        <RunPanel key={runId} runId={Number(runId)} row={rowOf(`run:${runId}`)} onClose={() => go({})} />
      )}
    </Stack>
  );
}

type NothingProps = Readonly<{ isFiltered: boolean; isTrash: boolean; source: TimelineSource['state'] }>;

function Nothing({ isFiltered: isNarrow, isTrash, source }: NothingProps) {
  const isKnown = source === 'open' || source === 'copy' || source === 'absent';
  if (isTrash && isKnown)
    return <Empty title="The trash is empty">Deleted backups stay here for some days.</Empty>;
  if (isNarrow) {
    return (
      <Empty title="Nothing fits">
        <Stack align="center" gap="sm">
          No backup and no run is of this kind.
          <Button variant="default" component="a" href={addressOf('history')}>
            Show all
          </Button>
        </Stack>
      </Empty>
    );
  }
  // Why is said above: that there is none would be more than is known.
  if (!isKnown) return <Empty title="No backup is known just now" />;
  return (
    <Empty title="Nothing was backed up yet">
      <Stack align="center" gap="sm">
        <span>Each backup gets a row here, and each run that made none, with its cause.</span>
        <NextBackup />
      </Stack>
    </Empty>
  );
}
