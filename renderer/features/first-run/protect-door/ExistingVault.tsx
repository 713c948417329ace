import { useState } from 'react';
import { useAction } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { credentialsOf, locationOf, type Place } from '../../places/place.ts';
import { noSecret, SecretFields, secretOf } from '../../places/SecretFields.tsx';
import { Warnings } from '../../../ui/state/Warnings.tsx';
import { StepForm } from '../StepForm.tsx';

type Props = Readonly<{ place: Place; onBack: () => void; onConnected: () => void }>;

/** Backups go on in a vault that is there: its keys are known already. */
export function ExistingVault({ place, onBack, onConnected }: Props) {
  const [secret, setSecret] = useState(noSecret);
  const connect = useAction('vault.connect');
  const note = useAction('setup.note');
  const goOn = async (): Promise<void> => {
    await note.mutateAsync({ step: 'schedule' });
    onConnected();
  };
  const open = async (): Promise<void> => {
    const location = locationOf(place);
    const opened = await connect.mutateAsync({ location, secret: secretOf(secret), ...credentialsOf(place) });
    // What has to be known first is shown first.
    if (opened.warnings.length === 0) await goOn();
  };
  const isOpen = connect.data !== undefined && connect.data.warnings.length > 0;
  const error = connect.error ?? note.error;
  return (
    <StepForm
      title="Open the vault that is there"
      about="What is in it stays; new backups go beside it."
      action={isOpen ? 'Go on' : 'Open the vault'}
      isReady={secret.text.trim() !== ''}
      isBusy={connect.isPending || note.isPending}
      // What goes wrong is shown by the calls themselves.
      onSubmit={() => void (isOpen ? goOn() : open()).catch(() => undefined)}
      onBack={onBack}
    >
      {isOpen ? (
        <Warnings warnings={connect.data.warnings} />
      ) : (
        <SecretFields secret={secret} onChange={setSecret} />
      )}
      {error !== null && <ErrorNotice error={error} />}
    </StepForm>
  );
}
