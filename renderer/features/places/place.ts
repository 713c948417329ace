import type { S3Credentials } from '../../../shared/model/s3-credentials.ts';
import { isWholePath } from '../../ui/fields/FolderField.tsx';

/** A place of a vault as it is filled in: fields that are empty are not given yet. */
export type Place = Readonly<{
  kind: 'folder' | 's3';
  folder: string;
  bucket: string;
  prefix: string;
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}>;

export const noPlace: Place = {
  kind: 'folder',
  folder: '',
  bucket: '',
  prefix: '',
  endpoint: '',
  region: '',
  accessKeyId: '',
  secretAccessKey: '',
};

export type PlaceProblems = Partial<Record<keyof Place, string>>;

/** What is wrong with what was filled in, by field; what is still empty is no problem yet. */
export function problemsOf(place: Place): PlaceProblems {
  if (place.kind === 'folder') return {};
  return {
    ...(place.bucket === '' || /^[a-z0-9][a-z0-9._-]{1,62}$/iu.test(place.bucket)
      ? {}
      : { bucket: 'A bucket has 2 to 63 letters, digits, dots and dashes.' }),
    ...(place.endpoint === '' || /^https?:\/\/[^\s/]+\/?$/u.test(place.endpoint)
      ? {}
      : { endpoint: 'Write it as https://s3.example.com, without a path.' }),
    ...(place.region === '' || /^[a-z0-9-]{1,64}$/iu.test(place.region)
      ? {}
      : { region: 'A region has letters, digits and dashes: eu-central-1.' }),
  };
}

/** Whether all that a place needs is filled in, and nothing is wrong with it. */
export function isWhole(place: Place): boolean {
  if (place.kind === 'folder') return isWholePath(place.folder);
  const isFilled = place.bucket !== '' && place.accessKeyId !== '' && place.secretAccessKey !== '';
  return isFilled && Object.keys(problemsOf(place)).length === 0;
}

/** As calls take it. */
export function locationOf(place: Place): string {
  if (place.kind === 'folder') return place.folder;
  const prefix = place.prefix.replaceAll(/^\/+|\/+$/gu, '');
  const parameters = [
    ...(place.endpoint === '' ? [] : [`endpoint=${place.endpoint.replace(/\/$/u, '')}`]),
    ...(place.region === '' ? [] : [`region=${place.region}`]),
  ];
  const query = parameters.length === 0 ? '' : `?${parameters.join('&')}`;
  return `s3://${place.bucket}${prefix === '' ? '' : `/${prefix}`}${query}`;
}

export function credentialsOf({ kind, accessKeyId, secretAccessKey }: Place): {
  credentials?: S3Credentials;
} {
  return kind === 'folder' ? {} : { credentials: { accessKeyId, secretAccessKey } };
}
