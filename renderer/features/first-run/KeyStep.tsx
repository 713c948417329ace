import { Anchor, Button, Group, PasswordInput, Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { AppError } from '../../../shared/lib/app-error.ts';
import { useAction } from '../../client/engine.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { Section } from '../../ui/Section.tsx';
import { noSecret, SecretFields, secretOf } from '../places/SecretFields.tsx';
import { credentialsOf, locationOf, type Place } from '../places/place.ts';

type Props = Readonly<{
  place: Place;
  onBack: () => void;
  onMade: (recoveryKey: string) => void;
  onConnected: () => void;
}>;

/** A passphrase, or the generated key alone; then the vault is made. */
export function KeyStep(props: Props) {
  const [isThere, setThere] = useState(false);
  return isThere ? (
    <ExistingVault {...props} onBack={() => setThere(false)} />
  ) : (
    <NewVault {...props} onThere={() => setThere(true)} />
  );
}

function NewVault({ place, onBack, onMade, onThere }: Props & Readonly<{ onThere: () => void }>) {
  const [kind, setKind] = useState<'generated' | 'passphrase'>('generated');
  const [passphrase, setPassphrase] = useState('');
  const [repeated, setRepeated] = useState('');
  const note = useAction('setup.note');
  const init = useAction('vault.init');
  const problem = problemOf(passphrase, repeated);
  const isReady = kind === 'generated' || (passphrase !== '' && repeated !== '' && problem === undefined);
  const make = async (): Promise<void> => {
    // Written down first: a page that is closed in between finds its way back to the kit.
    await note.mutateAsync({ step: 'key' });
    const own = kind === 'passphrase' ? { passphrase } : {};
    const { recoveryKey } = await init.mutateAsync({
      location: locationOf(place),
      ...credentialsOf(place),
      ...own,
    });
    onMade(recoveryKey);
  };
  const error = init.error ?? note.error;
  return (
    <Section
      title="What opens it?"
      about="A recovery key is always made, for the day on which this server is lost. The next step prints it."
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          // What goes wrong is shown by the calls themselves.
          if (isReady) make().catch(() => undefined);
        }}
      >
        <Stack gap="md">
          <Radio.Group
            aria-label="What opens the vault"
            value={kind}
            onChange={(value) => setKind(value === 'passphrase' ? 'passphrase' : 'generated')}
          >
            <Stack gap="xs">
              <Radio value="generated" label="The generated recovery key alone" />
              <Radio value="passphrase" label="The recovery key, or a passphrase that I choose" />
            </Stack>
          </Radio.Group>
          {kind === 'passphrase' && (
            <Group align="flex-start" grow>
              <PasswordInput
                label="Passphrase"
                description="A few words that nobody guesses; 8 characters at least"
                value={passphrase}
                error={passphrase !== '' && [...passphrase].length < 8 ? problem : undefined}
                autoComplete="new-password"
                onChange={({ currentTarget }) => setPassphrase(currentTarget.value)}
              />
              <PasswordInput
                label="Once more"
                description="So that no slip of a finger locks you out"
                value={repeated}
                error={repeated !== '' && repeated !== passphrase ? problem : undefined}
                autoComplete="new-password"
                onChange={({ currentTarget }) => setRepeated(currentTarget.value)}
              />
            </Group>
          )}
          {error !== null && <ErrorNotice error={error} />}
          {error instanceof AppError && (error.kind === 'usage' || error.kind === 'refused') && (
            <Text>
              Is there a vault of yours already?{' '}
              <Anchor component="button" type="button" inherit onClick={onThere}>
                Open it with its key
              </Anchor>
            </Text>
          )}
          <Group>
            <Button type="submit" loading={note.isPending || init.isPending} disabled={!isReady}>
              Make the vault
            </Button>
            <Button variant="default" onClick={onBack}>
              Back
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function problemOf(passphrase: string, repeated: string): string | undefined {
  if ([...passphrase.normalize('NFC')].length < 8) return 'Use 8 characters or more.';
  return passphrase === repeated ? undefined : 'The two are not the same.';
}

/** Backups go on in a vault that is there: its keys are known already. */
function ExistingVault({ place, onBack, onConnected }: Props) {
  const [secret, setSecret] = useState(noSecret);
  const connect = useAction('vault.connect');
  const note = useAction('setup.note');
  const open = async (): Promise<void> => {
    await connect.mutateAsync({
      location: locationOf(place),
      secret: secretOf(secret),
      ...credentialsOf(place),
    });
    await note.mutateAsync({ step: 'schedule' });
    onConnected();
  };
  const error = connect.error ?? note.error;
  return (
    <Section title="Open the vault that is there" about="What is in it stays; new backups go beside it.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          // What goes wrong is shown by the calls themselves.
          open().catch(() => undefined);
        }}
      >
        <Stack gap="md">
          <SecretFields secret={secret} onChange={setSecret} />
          {error !== null && <ErrorNotice error={error} />}
          <Group>
            <Button type="submit" loading={connect.isPending} disabled={secret.text.trim() === ''}>
              Open the vault
            </Button>
            <Button variant="default" onClick={onBack}>
              Back
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
