import { PasswordInput, SegmentedControl, Stack, TextInput } from '@mantine/core';
import type { CallInput } from '../../../shared/ipc/contract.ts';
import { monospaced } from '../../ui/text/monospaced.ts';

/** What opens a vault, as it is filled in. */
export type Secret = Readonly<{ kind: 'passphrase' | 'recovery'; text: string }>;

export const noSecret: Secret = { kind: 'recovery', text: '' };

export function secretOf({ kind, text }: Secret): CallInput<'vault.connect'>['secret'] {
  return kind === 'passphrase' ? { kind, passphrase: text } : { kind, recoveryKey: text.trim() };
}

const kinds = [
  { value: 'recovery', label: 'Recovery key' },
  { value: 'passphrase', label: 'Passphrase' },
] as const;

/** The key of the sheet, or a passphrase. */
export function SecretFields({
  secret,
  onChange,
}: Readonly<{ secret: Secret; onChange: (secret: Secret) => void }>) {
  return (
    <Stack gap="sm" align="stretch">
      <div>
        <SegmentedControl
          aria-label="What opens the vault"
          data={[...kinds]}
          value={secret.kind}
          transitionDuration={0}
          onChange={(value) =>
            onChange({ kind: value === 'passphrase' ? 'passphrase' : 'recovery', text: '' })
          }
        />
      </div>
      {secret.kind === 'recovery' ? (
        <TextInput
          label="Recovery key"
          description="The six groups on the recovery kit. Case, spaces and dashes do not matter."
          placeholder="W4AM09-E24R2W-…"
          value={secret.text}
          autoComplete="off"
          spellCheck={false}
          classNames={{ input: monospaced }}
          onChange={({ currentTarget }) => onChange({ ...secret, text: currentTarget.value })}
        />
      ) : (
        <PasswordInput
          label="Passphrase"
          value={secret.text}
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': 'Show the passphrase' }}
          onChange={({ currentTarget }) => onChange({ ...secret, text: currentTarget.value })}
        />
      )}
    </Stack>
  );
}
