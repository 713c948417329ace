import { Alert, Text } from '@mantine/core';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { countOf } from '../../../../shared/lib/size-text.ts';
import type { TimelineSource } from '../../../../shared/model/timeline.ts';
import { StateShape } from '../../../ui/state/StateShape.tsx';

/** Why not all is shown as usual, while the vault is away or locked. */
export function SourceNotice({ source: { state, copy, message } }: Readonly<{ source: TimelineSource }>) {
  if (state === 'open' || state === 'absent') return null;
  const known = 'What this computer remembers of past runs is shown; backups open again with the vault.';
  const text =
    state === 'copy'
      ? `The vault is away: its copy ${copy ?? ''} is read meanwhile. Backups can be looked at and restored from it.`
      : `${message ?? ''} ${known}`;
  const shape = state === 'locked' ? 'lock' : state === 'unusable' ? 'cross' : 'clock';
  return (
    <Alert
      role="status"
      variant="light"
      color={state === 'unusable' ? 'red' : 'blue'}
      icon={<StateShape shape={shape} severity={state === 'unusable' ? 'bad' : 'info'} />}
    >
      {text}
    </Alert>
  );
}

type Unreadable = CallOutput<'history.timeline'>['unreadable'];

export function UnreadableNotice({ unreadable }: Readonly<{ unreadable: Unreadable }>) {
  const [first] = unreadable;
  if (first === undefined) return null;
  return (
    <Alert role="status" variant="light" color="red" icon={<StateShape shape="cross" severity="bad" />}>
      <Text>
        {countOf(unreadable.length, 'backup')} cannot be read ({first.backupId}: {first.reason})
      </Text>
    </Alert>
  );
}
