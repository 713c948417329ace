import { PasswordInput, Stack } from '@mantine/core';
import { passphraseProblems } from './new-passphrase.ts';

type Props = Readonly<{
  passphrase: string;
  repeated: string;
  onPassphrase: (passphrase: string) => void;
  onRepeated: (repeated: string) => void;
}>;

/** A new passphrase, typed twice. */
export function NewPassphrase({ passphrase, repeated, onPassphrase, onRepeated }: Props) {
  const problems = passphraseProblems(passphrase, repeated);
  return (
    <Stack gap="md" maw={480}>
      <PasswordInput
        label="Passphrase"
        description="A few words that nobody guesses; 8 characters at least"
        value={passphrase}
        error={problems.passphrase}
        autoComplete="new-password"
        onChange={({ currentTarget }) => onPassphrase(currentTarget.value)}
      />
      <PasswordInput
        label="Once more"
        description="So that no slip of a finger locks you out"
        value={repeated}
        error={problems.repeated}
        autoComplete="new-password"
        onChange={({ currentTarget }) => onRepeated(currentTarget.value)}
      />
    </Stack>
  );
}
