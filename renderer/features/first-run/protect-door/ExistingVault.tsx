import { useState } from 'react';
import { useAction } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { credentialsOf, locationOf, type Place } from '../../places/place.ts';
import { noSecret, SecretFields, secretOf } from '../../places/SecretFields.tsx';
import { StepForm } from '../StepForm.tsx';

type Props = Readonly<{ place: Place; onBack: () => void; onConnected: () => void }>;

/** Backups go on in a vault that is there: its keys are known already. */
export function ExistingVault({ place, onBack, onConnected }: Props) {
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
    <StepForm
      title="Open the vault that is there"
      about="What is in it stays; new backups go beside it."
      action="Open the vault"
      isReady={secret.text.trim() !== ''}
      isBusy={connect.isPending}
      // What goes wrong is shown by the calls themselves.
      onSubmit={() => void open().catch(() => undefined)}
      onBack={onBack}
    >
      <SecretFields secret={secret} onChange={setSecret} />
      {error !== null && <ErrorNotice error={error} />}
    </StepForm>
  );
}
