import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { restoredText } from '../../../../shared/lib/restore-plan/restored-text.ts';
import { countOf } from '../../../../shared/lib/size-text.ts';
import { useAction, useCall } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { OpenFolder } from '../../../ui/files/OpenFolder.tsx';
import { StateShape } from '../../../ui/state/StateShape.tsx';
import { restoredNameOf, type What, type Where } from '../choice.ts';
import { ResultHeading } from './ResultHeading.tsx';
import { type Started, Undo } from './Undo.tsx';

type Task = CallOutput<'tasks.get'>;
type RestoreResult = NonNullable<Extract<Task, { operation: 'restore' }>['result']>;
type Props = Readonly<{
  what: What;
  where: Where;
  task: Task;
  result: RestoreResult;
  isUndo: boolean;
  onUndo: (started: Started) => void;
}>;

/** What was restored, what is to be done yet, and the way back. */
export function Done({ what, where, task, result, isUndo, onUndo }: Props) {
  const { safetyBackupId, warnings, notes, restartRequired } = result;
  const took = task.finishedAt === null ? 0 : Date.parse(task.finishedAt) - Date.parse(task.startedAt);
  const name = restoredNameOf(what, where);
  const told = { ...result, name, isAgent: what.kind === 'agent', isUndo, tookMs: took };
  return (
    <Stack gap="md">
      <Group gap="sm" wrap="nowrap">
        {warnings.some(({ code }) => code === 'damaged') ? (
          <StateShape shape="triangle" severity="attention" size={32} />
        ) : (
          <StateShape shape="check" severity="good" size={32} />
        )}
        <ResultHeading>{restoredText(told)}</ResultHeading>
      </Group>
      {where.kind === 'folder' && <WrittenTo folder={where.folder} />}
      {where.kind === 'name' && isStarted(result) && <Text>{where.name} is running.</Text>}
      {restartRequired && <Text>Start Trinity again: it was not running, or is not well yet.</Text>}
      <Findings findings={warnings} isWarning />
      <Findings findings={notes} />
      {where.kind === 'back' && <QuietStart />}
      {safetyBackupId !== null &&
        (isUndo ? (
          <Text c="var(--page-quiet)">
            What the restore had brought is kept as backup {safetyBackupId.slice(0, 8)}.
          </Text>
        ) : (
          <Undo safetyBackupId={safetyBackupId} onUndo={onUndo} />
        ))}
    </Stack>
  );
}

/** Else its findings say what is to be done. */
function isStarted({ warnings, notes }: RestoreResult): boolean {
  return [...warnings, ...notes].every(
    ({ code }) => !['agent-not-started', 'next-step', 'leftovers'].includes(code),
  );
}

function WrittenTo({ folder }: Readonly<{ folder: string }>) {
  return (
    <Stack gap="sm" align="flex-start">
      <Text style={{ overflowWrap: 'anywhere' }}>
        The files are in{' '}
        <Text span ff="monospace">
          {folder}
        </Text>
        .
      </Text>
      <OpenFolder folder={folder} />
    </Stack>
  );
}

/** What a quiet start left off, and the one click that turns it on. */
function QuietStart() {
  const { data } = useCall('status.get', {});
  const end = useAction('quietStart.end');
  const off = data?.quietStart ?? null;
  if (end.data !== undefined && off === null)
    return (
      <Text role="status">
        {countOf(end.data.schedules, 'schedule')} and {countOf(end.data.runs, 'waiting run')} are on again.
      </Text>
    );
  if (off === null) return undefined;
  const { schedules, waitingRuns, isForeign } = off;
  return (
    <Alert variant="light" color="blue" title="Trinity has started quietly">
      <Stack gap="sm" align="flex-start">
        <Text>
          {countOf(schedules.length, 'schedule')} and {countOf(waitingRuns, 'waiting run')} that were on are
          off.
          {isForeign ? ' First see that Trinity does not run on the other host any more.' : ''}
        </Text>
        {end.error !== null && <ErrorNotice error={end.error} />}
        <Button size="xs" variant="default" loading={end.isPending} onClick={() => end.mutate({})}>
          Turn them on
        </Button>
      </Stack>
    </Alert>
  );
}

type Found = CallOutput<'backups.show'>['notes'];

function Findings({ findings, isWarning = false }: Readonly<{ findings: Found; isWarning?: boolean }>) {
  return findings.map(({ message, path }) => (
    <Group key={`${path ?? ''}${message}`} gap="xs" wrap="nowrap" align="flex-start">
      {isWarning && <StateShape shape="triangle" severity="attention" size={18} />}
      <Text {...(isWarning ? {} : { c: 'var(--page-quiet)' })}>
        {message}
        {path === undefined ? '' : ` (${path})`}
      </Text>
    </Group>
  ));
}
