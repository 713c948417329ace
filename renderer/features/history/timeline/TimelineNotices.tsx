import { Alert, Button, Stack, Text } from '@mantine/core';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { countOf } from '../../../../shared/lib/size-text.ts';
import type { TimelineSource } from '../../../../shared/model/timeline.ts';
import { lockedText } from '../../../ui/state/error-text.ts';
import { UnlockButton } from '../../../ui/state/ErrorNotice.tsx';
import { StateShape } from '../../../ui/state/StateShape.tsx';
import classes from '../History.module.css';

type SourceProps = Readonly<{ source: TimelineSource; onAgain: () => void }>;

/** Why not all is shown as usual, while the vault is away or locked, and what changes that. */
export function SourceNotice({ source, onAgain }: SourceProps) {
  const { state } = source;
  if (state === 'open' || state === 'absent') return null;
  const shape = state === 'locked' ? 'lock' : state === 'unusable' ? 'cross' : 'clock';
  return (
    <Alert
      role="status"
      variant="light"
      color={state === 'unusable' ? 'red' : 'blue'}
      icon={<StateShape shape={shape} severity={state === 'unusable' ? 'bad' : 'info'} />}
    >
      <Stack gap="xs" align="flex-start">
        <Text className={classes['said']}>{sourceText(source)}</Text>
        {state === 'locked' ? (
          <UnlockButton />
        ) : (
          <Button size="xs" variant="default" onClick={onAgain}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

function sourceText({ state, copy, message }: TimelineSource): string {
  if (state === 'copy')
    return `The vault is away: its copy ${copy ?? ''} is read meanwhile. Backups can be looked at and restored from it.`;
  const known = 'What this computer remembers of past runs is shown; backups open again with the vault.';
  return `${state === 'locked' ? lockedText : (message ?? '')} ${known}`;
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
