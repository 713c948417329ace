import { Button, Code, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { addressOf } from '../../app/routes.ts';
import { useAction, useCall } from '../../client/engine.tsx';
import { Empty } from '../../ui/frame/Empty.tsx';
import { ErrorNotice } from '../../ui/state/ErrorNotice.tsx';
import { Loaded } from '../../ui/frame/Loaded.tsx';
import { Page } from '../../ui/frame/Page.tsx';
import { Said } from '../../ui/state/Said.tsx';
import { Warnings } from '../../ui/state/Warnings.tsx';
import { CredentialFields } from '../places/CredentialFields.tsx';
import { credentialsOf, noPlace, type Place } from '../places/place.ts';
import { noSecret, SecretFields, secretOf } from '../places/SecretFields.tsx';

/** Opens the vault of this home again where its own key does not: from then on it does. */
export function UnlockPage() {
  const home = useCall('home.get', {});
  return (
    <Page title="Unlock">
      <Loaded query={home} what="Looking which vault it is">
        {({ vaultLocation }) =>
          vaultLocation === null ? (
            <Empty title="There is no vault yet">
              <a href={addressOf('setup')}>Set up</a> makes one.
            </Empty>
          ) : (
            <Unlock location={vaultLocation} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Unlock({ location }: Readonly<{ location: string }>) {
  const [secret, setSecret] = useState(noSecret);
  const [bucket, setBucket] = useState<Place>({ ...noPlace, kind: 's3' });
  const connect = useAction('vault.connect');
  if (connect.data !== undefined) {
    const { warnings } = connect.data;
    const own = warnings.length === 0 ? ' This computer has its own key for it again.' : '';
    return (
      <Stack gap="md">
        <Said tone="good">
          <span role="status">The vault is open.{own}</span>
        </Said>
        <Warnings warnings={warnings} />
        <Group>
          <Button component="a" href={addressOf('overview')}>
            Open the overview
          </Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const isGiven = bucket.accessKeyId !== '' && bucket.secretAccessKey !== '';
        connect.mutate({ location, secret: secretOf(secret), ...(isGiven ? credentialsOf(bucket) : {}) });
      }}
    >
      <Stack gap="md" maw={560}>
        <Text>
          The vault <Code>{location}</Code> is opened by the recovery key on the kit, or by its passphrase.
          Nothing in it changes but that this computer gets a key of its own.
        </Text>
        <SecretFields secret={secret} onChange={setSecret} />
        {location.startsWith('s3://') && (
          <CredentialFields
            credentials={bucket}
            onChange={(more) => setBucket({ ...bucket, ...more })}
            description="Of the bucket, where this computer does not know it any more"
          />
        )}
        {connect.error !== null && <ErrorNotice error={connect.error} />}
        <Group>
          <Button type="submit" loading={connect.isPending} disabled={secret.text.trim() === ''}>
            Unlock
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
