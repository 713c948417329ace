import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { Finding } from '../../../../shared/model/finding.ts';
import { useAction } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { Section } from '../../../ui/frame/Section.tsx';
import { Warnings } from '../../../ui/state/Warnings.tsx';
import { FolderFacts } from '../../places/FolderFacts.tsx';
import { credentialsOf, isWhole, locationOf, noPlace } from '../../places/place.ts';
import { PlaceFields } from '../../places/PlaceFields.tsx';
import { noSecret, SecretFields, secretOf } from '../../places/SecretFields.tsx';

/** Which vault it is, and the key that opens it. */
export function OpenVault({ onBack, onOpen }: Readonly<{ onBack: () => void; onOpen: () => void }>) {
  const [place, setPlace] = useState(noPlace);
  const [secret, setSecret] = useState(noSecret);
  const connect = useAction('vault.connect');
  const isReady = isWhole(place) && secret.text.trim() !== '';
  const warnings = connect.data?.warnings ?? [];
  if (warnings.length > 0) return <OpenedVault warnings={warnings} onNext={onOpen} />;
  return (
    <Section
      title="Which vault is it?"
      isStep
      about="Nothing in it changes but that this computer gets a key of its own."
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isReady) return;
          connect.mutate(
            { location: locationOf(place), secret: secretOf(secret), ...credentialsOf(place) },
            { onSuccess: ({ warnings }) => void (warnings.length === 0 && onOpen()) },
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

/** What has to be known first is shown first. */
function OpenedVault({ warnings, onNext }: Readonly<{ warnings: readonly Finding[]; onNext: () => void }>) {
  return (
    <Section title="The vault is open" isStep>
      <Stack gap="md">
        <Warnings warnings={warnings} />
        <Group>
          <Button onClick={onNext}>Go on</Button>
        </Group>
      </Stack>
    </Section>
  );
}
