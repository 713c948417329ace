import { Button, Group, Stack, Stepper, Text } from '@mantine/core';
import { useState } from 'react';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { useAction } from '../../client/engine.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { Section } from '../../ui/Section.tsx';
import { FolderFacts } from '../places/FolderFacts.tsx';
import { credentialsOf, isWhole, locationOf, noPlace } from '../places/place.ts';
import { PlaceFields } from '../places/PlaceFields.tsx';
import { noSecret, SecretFields, secretOf } from '../places/SecretFields.tsx';
import { RestoredInstall } from './RestoredInstall.tsx';
import { RestoreWhere } from './RestoreWhere.tsx';
import { VaultContents } from './VaultContents.tsx';

export type Listed = CallOutput<'backups.list'>['backups'][number];

const labels = ['Vault', 'Backup', 'Where', 'Restore'] as const;

/** From a vault and its key to a server on this machine. */
export function RestoreDoor({ onBack }: Readonly<{ onBack: () => void }>) {
  const [step, setStep] = useState(0);
  const [backup, setBackup] = useState<Listed>();
  const [folder, setFolder] = useState('');
  const [taskId, setTaskId] = useState<string>();
  return (
    <Stack gap="xl">
      <Stepper active={step} size="sm" iconSize={32}>
        {labels.map((label) => (
          <Stepper.Step key={label} label={label} allowStepSelect={false} />
        ))}
      </Stepper>
      {step === 0 && <OpenVault onBack={onBack} onOpen={() => setStep(1)} />}
      {step === 1 && (
        <VaultContents
          onBack={() => setStep(0)}
          onChoose={(chosen) => {
            setBackup(chosen);
            setStep(2);
          }}
        />
      )}
      {step === 2 && backup !== undefined && (
        <RestoreWhere
          backup={backup}
          onBack={() => setStep(1)}
          onStarted={(where, started) => {
            setFolder(where);
            setTaskId(started);
            setStep(3);
          }}
        />
      )}
      {step === 3 && backup !== undefined && taskId !== undefined && (
        <RestoredInstall
          key={taskId}
          backup={backup}
          folder={folder}
          taskId={taskId}
          onAgain={() => setStep(2)}
        />
      )}
    </Stack>
  );
}

function OpenVault({ onBack, onOpen }: Readonly<{ onBack: () => void; onOpen: () => void }>) {
  const [place, setPlace] = useState(noPlace);
  const [secret, setSecret] = useState(noSecret);
  const connect = useAction('vault.connect');
  const isReady = isWhole(place) && secret.text.trim() !== '';
  return (
    <Section
      title="Which vault is it?"
      about="Nothing in it changes but that this computer gets a key of its own."
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isReady) return;
          connect.mutate(
            { location: locationOf(place), secret: secretOf(secret), ...credentialsOf(place) },
            { onSuccess: onOpen },
          );
        }}
      >
        <Stack gap="md">
          <PlaceFields
            place={place}
            onChange={setPlace}
            folderLabel="Folder of the vault"
            folderHelp="Where its disk or share is mounted on this computer"
          />
          {place.kind === 'folder' && place.folder !== '' && <FolderFacts folder={place.folder} isOfVault />}
          <SecretFields secret={secret} onChange={setSecret} />
          {connect.error !== null && <ErrorNotice error={connect.error} />}
          <Group>
            <Button type="submit" loading={connect.isPending} disabled={!isReady}>
              Open the vault
            </Button>
            <Button variant="default" onClick={onBack}>
              Back
            </Button>
          </Group>
          <Text size="xs" c="var(--page-quiet)">
            The key is on the recovery kit. Without it, or a passphrase, nobody can open the vault.
          </Text>
        </Stack>
      </form>
    </Section>
  );
}
