import { Button, Stack } from '@mantine/core';
import { addressOf } from '../../app/routes.ts';
import { useCall } from '../../client/engine.tsx';
import { Empty } from '../../ui/frame/Empty.tsx';
import { Loaded } from '../../ui/frame/Loaded.tsx';
import { Page } from '../../ui/frame/Page.tsx';
import { AddCopy } from './AddCopy.tsx';
import { CopyCard } from './cards/CopyCard.tsx';
import { KeysSection } from './keys/KeysSection.tsx';
import { RetentionSection } from './retention/RetentionSection.tsx';
import { SameDiskWarning } from './SameDiskWarning.tsx';
import { VaultCard } from './cards/VaultCard.tsx';

/** Where backups lie, how long, and what opens them. */
export function StoragePage() {
  const home = useCall('home.get', {});
  return (
    <Page title="Storage">
      <Loaded query={home} what="Looking where backups lie">
        {({ vaultLocation }) =>
          vaultLocation === null ? (
            <Empty title="There is no vault yet">
              <Stack align="center" gap="sm">
                Backups go into a vault: an encrypted folder or bucket.
                <Button component="a" href={addressOf('setup')}>
                  Set up
                </Button>
              </Stack>
            </Empty>
          ) : (
            <Places location={vaultLocation} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Places({ location }: Readonly<{ location: string }>) {
  const copies = useCall('copies.list', {});
  return (
    <>
      <VaultCard location={location} />
      <Loaded query={copies} what="Looking at the copies">
        {(listed) => (
          <>
            {listed.map((copy) => (
              <CopyCard key={copy.name} copy={copy} />
            ))}
            <SameDiskWarning locations={[location, ...listed.map((copy) => copy.location)]} />
          </>
        )}
      </Loaded>
      <AddCopy />
      <RetentionSection />
      <KeysSection />
    </>
  );
}
