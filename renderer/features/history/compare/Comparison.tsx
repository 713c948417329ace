import { SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { countText } from '../../../../shared/lib/size-text.ts';
import { useCall } from '../../../client/engine.tsx';
import { Empty } from '../../../ui/frame/Empty.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { VirtualTable } from '../../../ui/lists/VirtualTable.tsx';
import { sourceName } from '../../../ui/text/words.ts';
import { compareColumns } from './compare-columns.tsx';
import { compareRows, type Difference, type Kind } from './compare-rows.ts';
import { DifferencePanel } from './DifferencePanel.tsx';

type Props = Readonly<{ firstId: string; secondId: string; wanted: string }>;

/** The differences of two backups, grouped by agent and folder; Enter or a click opens and closes a group, and shows a file whole. */
export function Comparison({ firstId, secondId, wanted }: Props) {
  const query = useCall('backups.compare', { firstId, secondId });
  const after = useCall('backups.show', { backupId: secondId });
  const before = useCall('backups.show', { backupId: firstId });
  const sources = [...(after.data?.sources ?? []), ...(before.data?.sources ?? [])];
  return (
    <Loaded query={query} what="Comparing the two backups">
      {(compared) => (
        <Differences
          compared={compared}
          wanted={wanted}
          nameOf={(component, volume) => {
            const agents = sources.find(
              (each) => each.component === component && each.volume === volume,
            )?.agents;
            return sourceName({ component, volume, agents: agents ?? [] });
          }}
        />
      )}
    </Loaded>
  );
}

type DifferencesProps = Readonly<{
  compared: CallOutput<'backups.compare'>;
  wanted: string;
  nameOf: (component: string, volume: string) => string;
}>;

const restMs = 150;

function Differences({ compared: { counts, entries, isCut }, wanted, nameOf }: DifferencesProps) {
  const [kind, setKind] = useState<Kind>('content');
  const [text, setText] = useState(wanted);
  const [open, setOpen] = useState<Difference>();
  const [settled] = useDebouncedValue(text, restMs);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(
    () => compareRows(entries, { kind, text: settled, closed }),
    [entries, kind, settled, closed],
  );
  const content = counts.added + counts.removed + counts.changed;
  if (content + counts.metadata === 0)
    return <Empty title="Nothing differs">Both backups hold the same, byte for byte.</Empty>;
  const toggle = (key: string): void => {
    const next = new Set(closed);
    if (!next.delete(key)) next.add(key);
    setClosed(next);
  };
  return (
    <Stack gap="sm">
      <KindChoice counts={counts} kind={kind} onChange={setKind} />
      <TextInput
        aria-label="Part of a path"
        placeholder="Part of a path"
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      {isCut && (
        <Text c="var(--page-quiet)">There are more: the first {countText(entries.length)} are listed.</Text>
      )}
      {rows.length === 0 ? (
        <Empty title="Nothing fits">
          {settled.trim() === ''
            ? 'No difference is of this kind.'
            : 'No difference of this kind has this in its path.'}
        </Empty>
      ) : (
        <VirtualTable
          label="Differences"
          columns={compareColumns(nameOf)}
          count={rows.length}
          rowAt={(index) => rows[index]}
          rowHeight={36}
          onOpen={(row) => (row.kind === 'group' ? toggle(row.key) : setOpen(row.entry))}
          isOpen={(row) => row.kind === 'file' && row.entry === open}
        />
      )}
      {open !== undefined && (
        <DifferencePanel
          difference={open}
          source={nameOf(open.component, open.volume)}
          onClose={() => setOpen(undefined)}
        />
      )}
    </Stack>
  );
}

type KindProps = Readonly<{
  counts: CallOutput<'backups.compare'>['counts'];
  kind: Kind;
  onChange: (kind: Kind) => void;
}>;

function KindChoice({ counts, kind, onChange }: KindProps) {
  const content = counts.added + counts.removed + counts.changed;
  const choices: readonly Readonly<{ value: Kind; label: string }>[] = [
    { value: 'content', label: `All ${countText(content)}` },
    { value: 'added', label: `Added ${countText(counts.added)}` },
    { value: 'removed', label: `Removed ${countText(counts.removed)}` },
    { value: 'changed', label: `Changed ${countText(counts.changed)}` },
    { value: 'metadata', label: `Owner, mode, time ${countText(counts.metadata)}` },
  ];
  return (
    <SegmentedControl
      aria-label="Which differences"
      data={[...choices]}
      value={kind}
      onChange={(value) => onChange(choices.find((choice) => choice.value === value)?.value ?? 'content')}
    />
  );
}
