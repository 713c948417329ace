import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../client/engine.tsx';
import { useFeature } from '../../client/use-feature.ts';
import { ErrorNotice } from '../../ui/state/ErrorNotice.tsx';
import { Said } from '../../ui/state/Said.tsx';
import { Section } from '../../ui/frame/Section.tsx';
import { FolderFacts } from '../places/FolderFacts.tsx';
import { credentialsOf, isWhole, locationOf, noPlace, type Place } from '../places/place.ts';
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
  const { submit, isPending, error } = useNewCopy(onMade);
  const mayBeElsewhere = useFeature('off-host');
  const isNamed = name === '' || namePattern.test(name);
  const isGated = place.kind === 's3' && !mayBeElsewhere;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole(place) && isNamed && !isGated) submit(place, name);
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
          <Button type="submit" loading={isPending} disabled={!isWhole(place) || !isNamed || isGated}>
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

/** Adds a copy and begins to write it. */
function useNewCopy(onMade: (name: string) => void) {
  const add = useAction('copies.add');
  const run = useAction('copies.run');
  const addOne = async (place: Place, wanted: string): Promise<void> => {
    const named = wanted === '' ? {} : { name: wanted };
    const { name } = await add.mutateAsync({
      location: locationOf(place),
      ...named,
      ...credentialsOf(place),
    });
    await run.mutateAsync({ name });
    onMade(name);
  };
  return {
    // What goes wrong is shown by the calls themselves.
    submit: (place: Place, name: string): void => void addOne(place, name).catch(() => undefined),
    isPending: add.isPending || run.isPending,
    error: add.error ?? run.error,
  } as const;
}
