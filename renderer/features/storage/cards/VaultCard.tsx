import { Code, Group, Stack } from '@mantine/core';
import { countOf, sizeText } from '../../../../shared/lib/size-text.ts';
import { useCall } from '../../../client/engine.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { OpenFolder } from '../../../ui/files/OpenFolder.tsx';
import { Section } from '../../../ui/frame/Section.tsx';
import { Said } from '../../../ui/state/Said.tsx';
import { StorageTest } from '../../places/StorageTest.tsx';
import { FactRow } from './FactRow.tsx';
import { FreeSpace } from './FreeSpace.tsx';
import { LastVerified } from './LastVerified.tsx';
import { kindOf } from './place-names.ts';
import classes from '../Storage.module.css';
import { VerifyButton } from './VerifyButton.tsx';

/** The place that backups are written to. */
export function VaultCard({ location }: Readonly<{ location: string }>) {
  const size = useCall('vault.size', {});
  const status = useCall('status.get', {});
  const damaged = status.data?.causes.find(({ key }) => key === 'damaged');
  const isFolder = kindOf(location) === 'Folder';
  return (
    <Section
      title="The vault"
      about={
        <>
          {kindOf(location)} <Code className={classes['place']}>{location}</Code>
        </>
      }
    >
      <Stack gap="md">
        {damaged !== undefined && (
          <Said tone="bad">
            {damaged.body} Back up again: what the server still has is stored anew. Then verify.
          </Said>
        )}
        <Loaded query={size} what="Looking into the vault">
          {({ backups, packs, storedBytes, contentBytes }) => (
            <FactRow
              facts={[
                ['Kept', `${countOf(backups, 'backup')}, ${sizeText(storedBytes)}`],
                ['Objects', countOf(packs, 'pack')],
                ['Without deduplication', sizeText(contentBytes)],
                ...(isFolder ? ([['Free', <FreeSpace key="free" folder={location} />]] as const) : []),
                ['Last verified', <LastVerified key="verified" />],
              ]}
            />
          )}
        </Loaded>
        <Group align="flex-start">
          <StorageTest question={{}} />
          <VerifyButton />
          {isFolder && <OpenFolder folder={location} size="xs" />}
        </Group>
      </Stack>
    </Section>
  );
}
