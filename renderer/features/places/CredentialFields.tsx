import { PasswordInput, TextInput } from '@mantine/core';
import type { Place } from './place.ts';

/** What lets us into a bucket, as it is filled in. */
export type Credentials = Pick<Place, 'accessKeyId' | 'secretAccessKey'>;

type Props = Readonly<{
  credentials: Credentials;
  onChange: (more: Partial<Credentials>) => void;
  description?: string;
}>;

export function CredentialFields({ credentials, onChange, description }: Props) {
  const about = description === undefined ? {} : { description };
  return (
    <>
      <TextInput
        label="Access key"
        {...about}
        value={credentials.accessKeyId}
        autoComplete="off"
        spellCheck={false}
        onChange={({ currentTarget }) => onChange({ accessKeyId: currentTarget.value.trim() })}
      />
      <PasswordInput
        label="Secret key"
        {...about}
        value={credentials.secretAccessKey}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': 'Show the secret key' }}
        onChange={({ currentTarget }) => onChange({ secretAccessKey: currentTarget.value.trim() })}
      />
    </>
  );
}
