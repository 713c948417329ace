import { Button, Group, Stack, Text } from '@mantine/core';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { useAction, useLiveRuns } from '../../client/engine.tsx';
import { showProblem } from '../../ui/state/show-problem.ts';
import { StateShape } from '../../ui/state/StateShape.tsx';
import classes from './Overview.module.css';
import { StatusActionButton } from './StatusActionButton.tsx';

/** Mended by something else, or by nothing: a backup by hand is still one way on, and often what a sentence asks for. */
const backedUpAnyway: readonly string[] = ['damaged', 'copy behind', 'unproven', 'warnings', 'paused'];

/** The one sentence, and the one thing to do; below it what else is wrong. */
export function StateSentence({ standing }: Readonly<{ standing: CallOutput<'status.get'> }>) {
  const { state, sentence, shape, severity, action, causes } = standing;
  // What is on has its own button, beside how far it is.
  const runs = [...useLiveRuns().values()];
  const isCancelBelow =
    action?.operation === 'cancel' && runs.some(({ what }) => what === 'backup' || what === 'restore');
  const others = causes
    .filter(({ body, title }) => !sentence.includes(body) && !sentence.includes(title))
    .map((cause) => ({ ...cause, isAbove: isSame(cause.action, action) }))
    // Where the page is told that mends it, the sentence is about it already.
    .filter((cause) => !(cause.isAbove && cause.action?.operation === 'show'));
  return (
    <Stack gap="md" className={classes['standing']} data-severity={severity}>
      <Group gap="md" wrap="nowrap" align="flex-start">
        <StateShape shape={shape} severity={severity} size={40} />
        <Stack gap="md" flex={1} miw={0}>
          <Text className={classes['sentence']} role="status">
            {sentence}
          </Text>
          <Group gap="sm">
            {action !== null && !isCancelBelow && <StatusActionButton action={action} isPrimary />}
            {action?.operation !== 'backup' && backedUpAnyway.includes(state) && <BackUpAnyway />}
          </Group>
        </Stack>
      </Group>
      {others.map((cause) => (
        <Group key={cause.key} gap="sm" wrap="nowrap" align="flex-start" pl={56}>
          <StateShape shape="triangle" severity={cause.severity} size={18} />
          <Text flex={1}>
            <b>{cause.title}.</b> {cause.body}
          </Text>
          {cause.action !== null && !cause.isAbove && <StatusActionButton action={cause.action} />}
        </Group>
      ))}
    </Stack>
  );
}

type Action = CallOutput<'status.get'>['action'];

/** Two buttons that do the same would leave the choice which of them is meant. */
function isSame(one: Action, other: Action): boolean {
  return one !== null && JSON.stringify(one) === JSON.stringify(other);
}

function BackUpAnyway() {
  const start = useAction('backup.start');
  return (
    <Button
      size="md"
      variant="default"
      loading={start.isPending}
      onClick={() => start.mutate({}, { onError: showProblem })}
    >
      Back up now
    </Button>
  );
}
