import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { Finding } from '../../../shared/model/finding.ts';
import type { HomeSettings } from '../../../shared/model/settings.ts';
import type { Location } from '../../storage/location.ts';
import type { Storage } from '../../storage/storage.ts';

/** What a disk that fails would take along besides the copy. */
export async function placeWarnings(
  copy: Location,
  vault: Storage,
  { install }: HomeSettings,
): Promise<readonly Finding[]> {
  if (copy.kind !== 'folder') return [];
  const device = await deviceOf(copy.path);
  const others = { 'the vault': vault.location, 'the install': install?.folder };
  const same: string[] = [];
  for (const [what, place] of Object.entries(others)) {
    if (place !== undefined && isAbsolute(place) && (await deviceOf(place)) === device) same.push(what);
  }
  if (same.length === 0) return [];
  const message = `The copy is on the disk of ${same.join(' and ')}: when that disk fails, both are lost.`;
  return [{ code: 'same-disk', message }];
}

async function deviceOf(folder: string): Promise<number | undefined> {
  try {
    return (await stat(folder)).dev;
  } catch {
    // It cannot be looked at just now, and a warning is not worth a failure.
    return undefined;
  }
}
