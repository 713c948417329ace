import { SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { countText } from '../../../../shared/lib/size-text.ts';
import type { ChangeKind } from '../../../../shared/model/comparison.ts';
import { useCall } from '../../../client/engine.tsx';
import { Empty } from '../../../ui/frame/Empty.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { VirtualTable } from '../../../ui/lists/VirtualTable.tsx';
import { sourceName } from '../../../ui/text/words.ts';
import { compareColumns } from './compare-columns.tsx';
import { DifferencePanel } from './DifferencePanel.tsx';
import { type Difference, type GroupRow, useComparison } from './use-comparison.ts';

type Props = Readonly<{ firstId: string; secondId: string; wanted: string }>;

const restMs = 150;

/** The differences of two backups, grouped by agent and folder; Enter or a click opens and closes a group, and shows a file whole. */
export function Comparison({ firstId, secondId, wanted }: Props) {
  const [kind, setKind] = useState<ChangeKind>('content');
  const [text, setText] = useState(wanted);
  const [settled] = useDebouncedValue(text.trim(), restMs);
  const [closed, setClosed] = useState<readonly number[]>([]);
  const wish = useMemo(() => ({ kind, text: settled, closed }), [kind, settled, closed]);
  const comparison = useComparison({ firstId, secondId }, wish);
  const nameOf = useSourceNames(firstId, secondId);
  const toggle = ({ number, isClosed }: GroupRow): void =>
    setClosed(isClosed ? closed.filter((each) => each !== number) : [...closed, number].slice(-mostClosed));
  return (
    <Loaded query={comparison.head} what="Comparing the two backups">
      {({ counts, isCut, listed }) =>
        counts.added + counts.removed + counts.changed + counts.metadata === 0 ? (
          <Empty title="Nothing differs">Both backups hold the same, byte for byte.</Empty>
        ) : (
          <Stack gap="sm">
            <KindChoice counts={counts} kind={kind} onChange={setKind} />
            <TextInput
              aria-label="Part of a path"
              placeholder="Part of a path"
              value={text}
              onChange={({ currentTarget }) => setText(currentTarget.value)}
            />
            {isCut && (
              <Text c="var(--page-quiet)">There are more: the first {countText(listed)} are listed.</Text>
            )}
            <Differences {...{ comparison, kind, nameOf }} isAll={settled === ''} onToggle={toggle} />
          </Stack>
        )
      }
    </Loaded>
  );
}

/** As many as a call takes. */
const mostClosed = 10_000;

type NameOf = (component: string, volume: string) => string;

/** Whose the sources of the two backups are. */
function useSourceNames(firstId: string, secondId: string): NameOf {
  const after = useCall('backups.show', { backupId: secondId });
  const before = useCall('backups.show', { backupId: firstId });
  const sources = [...(after.data?.sources ?? []), ...(before.data?.sources ?? [])];
  return (component, volume) => {
    const agents = sources.find((each) => each.component === component && each.volume === volume)?.agents;
    return sourceName({ component, volume, agents: agents ?? [] });
  };
}

type DifferencesProps = Readonly<{
  comparison: ReturnType<typeof useComparison>;
  kind: ChangeKind;
  isAll: boolean;
  nameOf: NameOf;
  onToggle: (group: GroupRow) => void;
}>;

function Differences({ comparison, kind, isAll, nameOf, onToggle }: DifferencesProps) {
  const [open, setOpen] = useState<Difference>();
  const { total, error, retry, rowAt, onShown } = comparison;
  return (
    <>
      {error !== null && <ErrorNotice error={error} onRetry={retry} />}
      {total === 0 ? (
        <NoneOf kind={kind} isAll={isAll} />
      ) : (
        <VirtualTable
          label="Differences"
          columns={compareColumns(nameOf)}
          count={total}
          rowAt={rowAt}
          rowHeight={36}
          onShown={onShown}
          onOpen={(row) => (row.kind === 'group' ? onToggle(row) : setOpen(row.entry))}
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
    </>
  );
}

function NoneOf({ kind, isAll }: Pick<DifferencesProps, 'kind' | 'isAll'>) {
  if (isAll && kind === 'content')
    return <Empty title="All content is the same">Only owner, mode or time differ: see them above.</Empty>;
  return (
    <Empty title="Nothing fits">
      {isAll ? 'No difference is of this kind.' : 'No difference of this kind has this in its path.'}
    </Empty>
  );
}

type KindProps = Readonly<{
  counts: CallOutput<'backups.compare'>['counts'];
  kind: ChangeKind;
  onChange: (kind: ChangeKind) => void;
}>;

function KindChoice({ counts, kind, onChange }: KindProps) {
  const content = counts.added + counts.removed + counts.changed;
  const choices: readonly Readonly<{ value: ChangeKind; label: string }>[] = [
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
