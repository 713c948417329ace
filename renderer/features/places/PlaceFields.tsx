import { SegmentedControl, Stack, TextInput } from '@mantine/core';
import { FolderField } from '../../ui/fields/FolderField.tsx';
import { CredentialFields } from './CredentialFields.tsx';
import classes from './PlaceFields.module.css';
import { type Place, problemsOf } from './place.ts';

type Props = Readonly<{
  place: Place;
  onChange: (place: Place) => void;
  /** What the folder is for. */
  folderLabel: string;
  folderHelp?: string;
}>;

const kinds = [
  { value: 'folder', label: 'Folder' },
  { value: 's3', label: 'S3 bucket' },
] as const;

/** A folder, or a bucket with what lets us in. */
export function PlaceFields({ place, onChange, folderLabel, folderHelp }: Props) {
  const set = (more: Partial<Place>): void => onChange({ ...place, ...more });
  return (
    <Stack gap="md" align="stretch">
      <div>
        <SegmentedControl
          aria-label="Kind of place"
          data={[...kinds]}
          value={place.kind}
          transitionDuration={0}
          onChange={(value) => set({ kind: value === 's3' ? 's3' : 'folder' })}
        />
      </div>
      {place.kind === 'folder' ? (
        <FolderField
          label={folderLabel}
          {...(folderHelp === undefined ? {} : { description: folderHelp })}
          placeholder="/mnt/backup/trinity"
          value={place.folder}
          onChange={(folder) => set({ folder })}
        />
      ) : (
        <BucketFields place={place} set={set} />
      )}
    </Stack>
  );
}

function BucketFields({ place, set }: Readonly<{ place: Place; set: (more: Partial<Place>) => void }>) {
  const problems = problemsOf(place);
  const field = (
    name: keyof Place,
    label: string,
    more: Readonly<{ description?: string; placeholder?: string }> = {},
  ) => (
    <TextInput
      label={label}
      {...more}
      value={place[name]}
      error={problems[name]}
      autoComplete="off"
      spellCheck={false}
      onChange={({ currentTarget }) => set({ [name]: currentTarget.value.trim() })}
    />
  );
  return (
    <div className={classes['fields']}>
      {field('bucket', 'Bucket')}
      {field('prefix', 'Folder in the bucket (if wanted)', { placeholder: 'trinity' })}
      {field('endpoint', 'Address (empty: Amazon)', { placeholder: 'https://s3.example.com' })}
      {field('region', 'Region (if wanted)', { placeholder: 'us-east-1' })}
      <CredentialFields credentials={place} onChange={set} />
    </div>
  );
}
