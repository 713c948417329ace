import { Button, Checkbox, Group, Select, Stack, Text } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { sizeText } from '../../../../shared/lib/size-text.ts';
import { sourceWords } from '../../../../shared/lib/restore-plan/sentence.ts';
import { momentText } from '../../../../shared/lib/time-text.ts';
import { useCall } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { useMinute } from '../../../ui/text/Moment.tsx';
import { type TreeItem, VirtualTree } from '../../../ui/lists/VirtualTree.tsx';
import { type ChosenPath, filesText } from '../choice.ts';
import { isBelowChosen, keyOf, nameOf, outermost, type TreeEntry, type TreeSource } from './file-tree.ts';
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

const rowHeight = 32;

function Tree({ backupId, sources, onChoose }: TreeProps) {
  const folders = useFolders(backupId, sources.length);
  const { chosen, check } = useChosen();
  const rowAt = (index: number): Row | undefined => {
    const at = folders.rowAt(index);
    return at.folder.place === undefined ? sourceRow(sources[at.position]) : entryRow(folders.entryAt(at));
  };
  const open = (index: number): void => {
    const row = rowAt(index);
    if (row?.isFolder === true) folders.toggle(row.place, folders.rowAt(index));
    else check(row);
  };
  const itemAt = (index: number): TreeItem => {
    const { folder, position, parentRow } = folders.rowAt(index);
    const row = rowAt(index);
    const isOpen = row?.isFolder === true ? folders.isOpen(keyOf(row.place)) : undefined;
    const isImplied = row !== undefined && isBelowChosen(row.place, chosen);
    const isChecked = row === undefined ? undefined : isImplied || chosen.has(keyOf(row.place));
    const looks = { row, depth: folder.depth, isOpen, isChecked, isImplied };
    return {
      level: folder.depth + 1,
      position,
      siblings: folder.total,
      parentRow,
      isOpen,
      isChecked,
      isBusy: row === undefined,
      content: <RowContent {...looks} onCheck={check} />,
    };
  };
  return (
    <Stack gap="md">
      {folders.error !== null && <ErrorNotice error={folders.error} onRetry={folders.retry} />}
      <VirtualTree
        label="Files of the backup"
        count={folders.count}
        rowHeight={rowHeight}
        height={320}
        itemAt={itemAt}
        onOpen={open}
        onCheck={(index) => check(rowAt(index))}
        onShown={folders.onShown}
      />
      <ChosenButton paths={outermost(chosen)} onChoose={onChoose} />
    </Stack>
  );
}

function ChosenButton({
  paths,
  onChoose,
}: Readonly<{ paths: readonly ChosenPath[]; onChoose: TreeProps['onChoose'] }>) {
  return (
    <Group>
      <Button disabled={paths.length === 0} onClick={() => onChoose(paths)}>
        {paths.length === 0 ? 'Choose files or folders' : `Go on with ${filesText(paths.length)}`}
      </Button>
    </Group>
  );
}

/** What was chosen, by hand: what lies below that is chosen with it, and cannot be left out. */
function useChosen() {
  const [chosen, setChosen] = useState<ReadonlyMap<string, ChosenPath>>(new Map());
  const check = (row: Row | undefined): void => {
    if (row === undefined || isBelowChosen(row.place, chosen)) return;
    const after = new Map(chosen);
    if (!after.delete(keyOf(row.place))) after.set(keyOf(row.place), row.place);
    setChosen(after);
  };
  return { chosen, check };
}

/** What a row of the tree shows. */
type Row = Readonly<{ place: ChosenPath; name: string; isFolder: boolean; sizeText: string }>;

function sourceRow(source: TreeSource | undefined): Row | undefined {
  if (source === undefined) return undefined;
  const { component, volume, label, bytes } = source;
  return {
    place: { component, volume, path: '' },
    name: label,
    isFolder: true,
    sizeText: sizeText(bytes),
  };
}

function entryRow(entry: TreeEntry | undefined): Row | undefined {
  if (entry === undefined) return undefined;
  const { component, volume, path, kind, size } = entry;
  const isFolder = kind === 'folder';
  const shownSize = isFolder ? '' : sizeText(size);
  return { place: { component, volume, path }, name: nameOf(entry), isFolder, sizeText: shownSize };
}

type RowProps = Readonly<{
  row: Row | undefined;
  depth: number;
  isOpen: boolean | undefined;
  isChecked: boolean | undefined;
  isImplied: boolean;
  onCheck: (row: Row) => void;
}>;

/** The box takes clicks of its own: beside it a click opens a folder, and chooses a file. */
function RowContent({ row, depth, isOpen, isChecked, isImplied, onCheck }: RowProps) {
  const Chevron = isOpen === true ? IconChevronDown : IconChevronRight;
  return (
    <Group gap="xs" wrap="nowrap" h={rowHeight} px="sm">
      <span style={{ width: depth * 18 }} className={classes['indent']} />
      {row === undefined ? (
        <Text size="xs" className={classes['size']}>
          Reading
        </Text>
      ) : (
        <>
          <Checkbox.Indicator
            size="xs"
            aria-hidden="true"
            checked={isChecked === true}
            disabled={isImplied}
            onClick={(event) => {
              event.stopPropagation();
              onCheck(row);
            }}
          />
          {row.isFolder && <Chevron size={14} className={classes['chevron']} aria-hidden="true" />}
          <Text size="sm" truncate="end" flex={1}>
            {row.name}
          </Text>
          <Text size="xs" className={classes['size']}>
            {row.sizeText}
          </Text>
        </>
      )}
    </Group>
  );
}
