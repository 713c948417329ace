import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../client/engine.tsx';
import { useFeature } from '../../client/use-feature.ts';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { Said } from '../../ui/Said.tsx';
import { Section } from '../../ui/Section.tsx';
import { FolderFacts } from '../places/FolderFacts.tsx';
import { credentialsOf, isWhole, locationOf, noPlace } from '../places/place.ts';
import { PlaceFields } from '../places/PlaceFields.tsx';
import { StorageTest } from '../places/StorageTest.tsx';

const namePattern = /^[a-z0-9][a-z0-9-]{0,31}$/u;

/** A further place for the same backups. */
export function AddCopy() {
  const [isOpen, setOpen] = useState(false);
  const [made, setMade] = useState<string>();
  return (
    <Section
      title="Another place"
      about="The same backups once more: on another disk, on a share, or in a bucket."
      actions={
        !isOpen && (
          <Button variant="default" onClick={() => setOpen(true)}>
            Add a copy
          </Button>
        )
      }
    >
      {made !== undefined && (
        <Said tone="good">
          <span role="status">The copy {made} is added, and is being written.</span>
        </Said>
      )}
      {isOpen && (
        <CopyForm
          onClose={() => setOpen(false)}
          onMade={(name) => {
            setMade(name);
            setOpen(false);
          }}
        />
      )}
    </Section>
  );
}

function CopyForm({ onClose, onMade }: Readonly<{ onClose: () => void; onMade: (name: string) => void }>) {
  const [place, setPlace] = useState(noPlace);
  const [name, setName] = useState('');
  const add = useAction('copies.add');
  const run = useAction('copies.run');
  const mayBeElsewhere = useFeature('off-host');
  const isNamed = name === '' || namePattern.test(name);
  const isGated = place.kind === 's3' && !mayBeElsewhere;
  const submit = async (): Promise<void> => {
    const added = await add.mutateAsync({
      location: locationOf(place),
      ...(name === '' ? {} : { name }),
      ...credentialsOf(place),
    });
    await run.mutateAsync({ name: added.name });
    onMade(added.name);
  };
  const error = add.error ?? run.error;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        // What goes wrong is shown by the calls themselves.
        if (isWhole(place) && isNamed && !isGated) submit().catch(() => undefined);
      }}
    >
      <Stack gap="md">
        <PlaceFields place={place} onChange={setPlace} folderLabel="Folder for the copy" />
        {place.kind === 'folder' ? (
          <FolderFacts folder={place.folder} />
        ) : (
          <StorageTest
            label="Test connection"
            isReady={isWhole(place)}
            question={{ location: locationOf(place), ...credentialsOf(place) }}
          />
        )}
        {isGated && (
          <Said tone="info">
            This edition writes to folders. Buckets are written by the enterprise edition; reading and
            restoring from them is always possible.
          </Said>
        )}
        <TextInput
          label="Name (if wanted)"
          description="How this page and the state call it"
          placeholder="offsite"
          w={280}
          value={name}
          error={isNamed ? undefined : 'Use up to 32 small letters, digits and dashes.'}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        {error !== null && <ErrorNotice error={error} />}
        <Group>
          <Button type="submit" loading={add.isPending} disabled={!isWhole(place) || !isNamed || isGated}>
            Add this copy
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
