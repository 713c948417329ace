import { Anchor, Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { useAction } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { isPassphrase } from '../../kit/new-passphrase.ts';
import { NewPassphrase } from '../../kit/NewPassphrase.tsx';
import { credentialsOf, locationOf, type Place } from '../../places/place.ts';
import { StepForm } from '../StepForm.tsx';

type KeyKind = 'generated' | 'passphrase';
type Props = Readonly<{
  place: Place;
  onBack: () => void;
  onMade: (recoveryKey: string) => void;
  onThere: () => void;
}>;

/** A passphrase beside the generated key, or that key alone; then the vault is made. */
export function NewVault({ place, onBack, onMade, onThere }: Props) {
  const [kind, setKind] = useState<KeyKind>('generated');
  const [passphrase, setPassphrase] = useState('');
  const [repeated, setRepeated] = useState('');
  const { make, isPending, error } = useNewVault(place, onMade);
  const isReady = kind === 'generated' || isPassphrase(passphrase, repeated);
  return (
    <StepForm
      title="What opens the vault?"
      about="Backups lie encrypted in a vault, which nobody reads without its key. A recovery key is always made, for the day on which this server is lost: you print it next."
      action="Make the vault"
      isReady={isReady}
      isBusy={isPending}
      onSubmit={() => make(kind === 'passphrase' ? { passphrase } : {})}
      onBack={onBack}
    >
      <KindChoice kind={kind} onChange={setKind} />
      {kind === 'passphrase' && (
        <NewPassphrase
          passphrase={passphrase}
          repeated={repeated}
          onPassphrase={setPassphrase}
          onRepeated={setRepeated}
        />
      )}
      {error !== null && <ErrorNotice error={error} />}
      {isOfVaultThere(error) && (
        <Text>
          Is there a vault of yours already?{' '}
          <Anchor component="button" type="button" inherit onClick={onThere}>
            Open it with its key
          </Anchor>
        </Text>
      )}
    </StepForm>
  );
}

function useNewVault(place: Place, onMade: (recoveryKey: string) => void) {
  const note = useAction('setup.note');
  const init = useAction('vault.init');
  const makeOnce = async (own: Readonly<{ passphrase?: string }>): Promise<void> => {
    // Written down first: a page that is closed in between finds its way back to the kit.
    await note.mutateAsync({ step: 'key' });
    const location = locationOf(place);
    const { recoveryKey } = await init.mutateAsync({ location, ...credentialsOf(place), ...own });
    onMade(recoveryKey);
  };
  return {
    // What goes wrong is shown by the calls themselves.
    make: (own: Readonly<{ passphrase?: string }>): void => void makeOnce(own).catch(() => undefined),
    isPending: note.isPending || init.isPending,
    error: init.error ?? note.error,
  } as const;
}

function KindChoice({ kind, onChange }: Readonly<{ kind: KeyKind; onChange: (kind: KeyKind) => void }>) {
  return (
    <Radio.Group
      aria-label="What opens the vault"
      value={kind}
      onChange={(value) => onChange(value === 'passphrase' ? 'passphrase' : 'generated')}
    >
      <Stack gap="xs">
        <Radio value="generated" label="The recovery key alone" />
        <Radio value="passphrase" label="The recovery key, or a passphrase that I choose" />
      </Stack>
    </Radio.Group>
  );
}

/** Where a vault is, none is made. */
function isOfVaultThere(error: Error | null): boolean {
  return error instanceof AppError && (error.kind === 'usage' || error.kind === 'refused');
}
