import { Text } from '@mantine/core';
import { FolderFacts } from '../../places/FolderFacts.tsx';
import { PlaceFields } from '../../places/PlaceFields.tsx';
import { credentialsOf, isWhole, locationOf, type Place } from '../../places/place.ts';
import { StorageTest } from '../../places/StorageTest.tsx';
import { StepForm } from '../StepForm.tsx';

type Props = Readonly<{
  place: Place;
  onChange: (place: Place) => void;
  onBack: () => void;
  onNext: () => void;
}>;

/** Where the vault is to lie. Nothing is made yet. */
export function PlaceStep({ place, onChange, onBack, onNext }: Props) {
  return (
    <StepForm
      title="Where do the backups go?"
      action="Use this place"
      isReady={isWhole(place)}
      onSubmit={onNext}
      onBack={onBack}
    >
      <Text maw={640}>
        Best is a place that is not lost together with this server: another disk, a network share or a bucket.
        Everything is encrypted before it goes there.
      </Text>
      <PlaceFields
        place={place}
        onChange={onChange}
        folderLabel="Folder for the vault"
        folderHelp="A new or empty folder on this server, or one of a disk or share that is mounted here"
      />
      {place.kind === 'folder' ? (
        <FolderFacts folder={place.folder} />
      ) : (
        <StorageTest
          label="Test connection"
          isReady={isWhole(place)}
          question={{ location: locationOf(place), ...credentialsOf(place) }}
        />
      )}
    </StepForm>
  );
}
