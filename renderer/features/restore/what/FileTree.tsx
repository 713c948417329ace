import { Button, Checkbox, Group, Select, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { sizeText } from '../../../../shared/lib/size-text.ts';
import { sourceWords } from '../../../../shared/lib/restore-plan/sentence.ts';
import { momentText } from '../../../../shared/lib/time-text.ts';
import { useCall } from '../../../client/engine.tsx';
import { useLatest } from '../../../client/use-latest.ts';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { useMinute } from '../../../ui/text/Moment.tsx';
import { VirtualRows } from '../../../ui/lists/VirtualRows.tsx';
import { type ChosenPath, filesText } from '../choice.ts';
import { isBelowChosen, outermost, rowsOf, type TreeRow, type TreeSource } from './file-tree.ts';
import classes from '../Restore.module.css';
import type { ListedBackup } from '../use-backups.ts';
import { useFolders } from './use-folders.ts';

type Props = Readonly<{
  backups: readonly ListedBackup[];
  first: string | undefined;
  onChoose: (paths: readonly ChosenPath[], backupId: string) => void;
}>;

/** The older ones are found by a search, or in the step When. */
const mostOffered = 500;

/** The folders and files of one backup; what is chosen may lie anywhere in it. */
export function FileTree({ backups, first, onChoose }: Props) {
  const nowMs = useMinute();
  const [backupId, setBackupId] = useState(first ?? newestOf(backups));
  const query = useCall('backups.show', { backupId });
  return (
    <Stack gap="md">
      <Select
        label="Backup"
        searchable
        maw={360}
        allowDeselect={false}
        value={backupId}
        comboboxProps={{ withinPortal: false }}
        data={backups.slice(0, mostOffered).map((backup) => ({
          value: backup.backupId,
          label: `${momentText(Date.parse(backup.timestamp), nowMs)} (${backup.backupId.slice(0, 8)})`,
        }))}
        onChange={(value) => setBackupId(value ?? backupId)}
      />
      <Loaded query={query} what="Reading the backup">
        {({ sources }) => (
          <Tree
            key={backupId}
            backupId={backupId}
            sources={sources
              .filter(({ state, component }) => state === 'complete' && component !== 'persistence')
              .map(({ component, volume, agents, bytes }) => ({
                component,
                volume,
                bytes,
                label: sourceWords(volume === '' ? component : `${component}/${volume}`, agents),
              }))}
            onChoose={(paths) => onChoose(paths, backupId)}
          />
        )}
      </Loaded>
    </Stack>
  );
}

/** What was saved before a restore is a part only. */
function newestOf(backups: readonly ListedBackup[]): string {
  const newest = backups.find(({ trigger }) => trigger !== 'pre_migration') ?? backups[0];
  return newest?.backupId ?? '';
}

type TreeProps = Readonly<{
  backupId: string;
  sources: readonly TreeSource[];
  onChoose: (paths: readonly ChosenPath[]) => void;
}>;

function Tree({ backupId, sources, onChoose }: TreeProps) {
  const folders = useFolders(backupId);
  const [chosen, setChosen] = useState<ReadonlyMap<string, ChosenPath>>(new Map());
  const rows = rowsOf(sources, folders.open);
  const toggle = ({ key, place }: TreeRow): void =>
    setChosen((before) => {
      const after = new Map(before);
      if (!after.delete(key)) after.set(key, place);
      return after;
    });
  const paths = outermost(chosen);
  return (
    <Stack gap="md">
      {folders.error !== undefined && <Text c="var(--state-bad)">{folders.error}</Text>}
      <VirtualRows label="Files of the backup" count={rows.length} rowHeight={32} height={320}>
        {(index) => {
          const row = rows[index];
          if (row === undefined) return undefined;
          if (row.kind === 'more') return <MoreRow row={row} onShow={() => folders.readMore(row.place)} />;
          return (
            <EntryRow
              row={row}
              isOpen={folders.open.has(row.key)}
              isChosen={chosen.has(row.key)}
              isImplied={isBelowChosen(row.place, chosen)}
              onOpen={() => folders.toggle(row.place)}
              onToggle={() => toggle(row)}
            />
          );
        }}
      </VirtualRows>
      <Group>
        <Button disabled={paths.length === 0} onClick={() => onChoose(paths)}>
          {paths.length === 0 ? 'Choose files or folders' : `Go on with ${filesText(paths.length)}`}
        </Button>
      </Group>
    </Stack>
  );
}

type RowProps = Readonly<{
  row: Extract<TreeRow, { kind: 'entry' }>;
  isOpen: boolean;
  isChosen: boolean;
  isImplied: boolean;
  onOpen: () => void;
  onToggle: () => void;
}>;

function EntryRow({ row, isOpen, isChosen, isImplied, onOpen, onToggle }: RowProps) {
  const { name, depth, isFolder, size } = row;
  const Chevron = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <Group gap="xs" wrap="nowrap" h={32} px="sm">
      <span style={{ width: depth * 18 }} className={classes['indent']} />
      <Checkbox
        size="xs"
        aria-label={name}
        checked={isChosen || isImplied}
        disabled={isImplied}
        onChange={onToggle}
      />
      {isFolder ? (
        <UnstyledButton aria-expanded={isOpen} className={classes['folder']} onClick={onOpen}>
          <Chevron size={14} aria-hidden="true" />
          <Text size="sm" truncate="end">
            {name}
          </Text>
        </UnstyledButton>
      ) : (
        <Text size="sm" truncate="end" flex={1}>
          {name}
        </Text>
      )}
      <Text size="xs" c="var(--page-quiet)" flex="none">
        {isFolder && depth > 0 ? '' : sizeText(size)}
      </Text>
    </Group>
  );
}

/** Comes into sight at the end of what was read of a folder, and has the next page read. */
function MoreRow({ row, onShow }: Readonly<{ row: Extract<TreeRow, { kind: 'more' }>; onShow: () => void }>) {
  const show = useLatest(onShow);
  useEffect(() => show.current(), [show]);
  return (
    <Group h={32} px="sm" gap="xs" wrap="nowrap">
      <span style={{ width: row.depth * 18 }} className={classes['indent']} />
      <Text size="xs" c="var(--page-quiet)">
        Reading more
      </Text>
    </Group>
  );
}
