import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { askedGroups, isGroup } from './key-groups.ts';

type Props = Readonly<{ recoveryKey: string; label: string; onDone: () => void }>;

/** Two groups of the key are typed from what was printed or saved: so it is known to be there. */
export function GroupCheck({ recoveryKey, label, onDone }: Props) {
  const asked = askedGroups(recoveryKey);
  const [typed, setTyped] = useState<Readonly<Record<number, string>>>({});
  const isRight = asked.every((at) => isGroup(recoveryKey, at, typed[at] ?? ''));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isRight) onDone();
      }}
    >
      <Stack gap="sm">
        <Text>Type two groups of the key from the sheet, so that it is known to be in your hands.</Text>
        <Group align="flex-start">
          {asked.map((at) => {
            const text = typed[at] ?? '';
            const isWrong = text.length >= 6 && !isGroup(recoveryKey, at, text);
            return (
              <TextInput
                key={at}
                label={`Group ${String(at + 1)}`}
                w={180}
                value={text}
                autoComplete="off"
                spellCheck={false}
                maxLength={12}
                error={isWrong ? 'This is not what the sheet says.' : undefined}
                onChange={({ currentTarget }) => setTyped({ ...typed, [at]: currentTarget.value })}
              />
            );
          })}
        </Group>
        <Group>
          <Button type="submit" disabled={!isRight}>
            {label}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
