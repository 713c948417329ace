import { Button, Group, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../../client/engine.tsx';
import { showProblem } from '../../../ui/state/show-problem.ts';
import { showSaved } from '../../../ui/state/show-saved.ts';

/** Kept sealed, apart from the settings; what is kept is never shown. */
export function MailPassword({ user }: Readonly<{ user: string }>) {
  const [password, setPassword] = useState('');
  const keep = useAction('notices.mailPassword');
  const send = (value: string | null): void =>
    keep.mutate(
      { password: value },
      {
        onError: showProblem,
        onSuccess: () => {
          setPassword('');
          showSaved();
        },
      },
    );
  return (
    <Group align="flex-end">
      <PasswordInput
        label={`Password of ${user}`}
        description="Kept encrypted; it is not shown again"
        w={320}
        value={password}
        autoComplete="off"
        onChange={({ currentTarget }) => setPassword(currentTarget.value)}
      />
      <Button
        variant="default"
        loading={keep.isPending}
        disabled={password === ''}
        onClick={() => send(password)}
      >
        Keep the password
      </Button>
      <Button variant="subtle" color="gray" onClick={() => send(null)}>
        Forget it
      </Button>
    </Group>
  );
}
