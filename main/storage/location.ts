import { resolve } from 'node:path';
import { AppError } from '../../shared/lib/app-error.ts';
import { parseS3Place } from './s3/s3-place.ts';
import type { S3Place } from './s3/s3-place.ts';

/** Where a vault lies, as the operator names it. `path` is absolute. */
export type Location = Readonly<{ kind: 'folder'; path: string }> | Readonly<{ kind: 's3'; place: S3Place }>;

const scheme = /^[a-z][a-z0-9+.-]*:\/\//iu;

/** Understands a folder (relative ones from the working folder) or `s3://bucket/prefix?…`; `usage` for anything else. */
export function parseLocation(text: string): Location {
  if (text.trim() === '' || text.includes('\0')) {
    throw new AppError(
      'usage',
      'The location of the vault is empty. Name a folder, for example /mnt/backup/trinity.',
    );
  }
  if (/^s3:\/\//iu.test(text)) return { kind: 's3', place: parseS3Place(text) };
  if (scheme.test(text)) {
    throw new AppError(
      'usage',
      `A vault cannot lie at ${text}. Name a folder, for example /mnt/backup/trinity, or s3://bucket/prefix.`,
    );
  }
  return { kind: 'folder', path: resolve(text) };
}
