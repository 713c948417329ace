import { Button, Group, Stack } from '@mantine/core';
import type { CallInput, CallOutput } from '../../../shared/ipc/contract.ts';
import { useAction } from '../../client/engine.tsx';
import { ErrorNotice } from '../../ui/state/ErrorNotice.tsx';
import { Said } from '../../ui/state/Said.tsx';

type Check = CallOutput<'storage.test'>['checks'][number];

/** Tries what a vault needs at a place, and names what is missing. */
export function StorageTest({
  question,
  isReady = true,
  label = 'Test',
}: Readonly<{ question: CallInput<'storage.test'>; isReady?: boolean; label?: string }>) {
  const test = useAction('storage.test');
  const isOfThis = JSON.stringify(test.variables) === JSON.stringify(question);
  return (
    <Stack gap="sm" align="stretch">
      <Group>
        <Button
          variant="default"
          size="xs"
          loading={test.isPending}
          disabled={!isReady}
          onClick={() => test.mutate(question)}
        >
          {label}
        </Button>
      </Group>
      {isOfThis && test.error !== null && <ErrorNotice error={test.error} />}
      {isOfThis && test.data !== undefined && <Outcome {...test.data} />}
    </Stack>
  );
}

function Outcome({ ok, checks }: Pick<CallOutput<'storage.test'>, 'ok' | 'checks'>) {
  return (
    <Stack gap={6} role="status">
      {ok && <Said tone="good">All that a vault needs works here.</Said>}
      {checks
        .filter(({ isOk, note }) => !isOk || note !== undefined)
        .map((check) => (
          <Said key={check.what} tone={check.isOk ? 'info' : 'bad'}>
            {textOf(check)}
          </Said>
        ))}
    </Stack>
  );
}

function textOf({ what, isOk, note = '', advice = '' }: Check): string {
  const name = `${what.charAt(0).toUpperCase()}${what.slice(1)}`;
  return isOk
    ? `${name}: ${note}`
    : [`${name} does not work.`, advice, note].filter((part) => part !== '').join(' ');
}
