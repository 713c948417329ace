import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { parseLocation } from '../../storage/location.ts';
import { s3Credentials } from '../../../shared/model/s3-credentials.ts';
import { s3PlaceText } from '../../storage/s3/s3-place.ts';
import type { StorageCheck } from '../../storage/storage-check.ts';
import { testFolder } from '../../storage/folder/test-folder.ts';
import type { Engine } from '../engine.ts';
import { operation } from '../operation.ts';

export type StorageTestResult = Readonly<{ ok: boolean; location: string; checks: readonly StorageCheck[] }>;

/** Tries what a vault needs at a place (at that of this home without one), under a throw-away name. Keeps and changes nothing. */
export const storageTest = operation(
  z.strictObject({ location: z.string().max(4096).optional(), credentials: s3Credentials.optional() }),
  async (engine, input, { signal }): Promise<StorageTestResult> => {
    const location = parseLocation(input.location ?? (await homeLocation(engine)));
    if (location.kind === 'folder') {
      return resultOf(location.path, await testFolder(location.path, { signal, now: engine.now }));
    }
    const credentials = await engine.storages.credentialsFor(location, input.credentials);
    const { testS3 } = await import('../../storage/s3/test-s3.ts');
    const checks = await testS3(location.place, { credentials, signal, now: engine.now });
    return resultOf(s3PlaceText(location.place), checks);
  },
);

function resultOf(location: string, checks: readonly StorageCheck[]): StorageTestResult {
  return { ok: checks.every(({ isOk }) => isOk), location, checks };
}

async function homeLocation(engine: Engine): Promise<string> {
  const { settings } = await engine.settings.read();
  if (settings.backup.path !== undefined) return settings.backup.path;
  throw new AppError('usage', 'No vault is set up for this home: name the location to test.');
}
