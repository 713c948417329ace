import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import type { Storage } from '../../storage/storage.ts';
import { readSealed } from '../format/sealed-file.ts';
import { checkHeader, readHeader } from '../keys/header.ts';
import { readKeyFile } from '../keys/key-file.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { missingBackups } from '../manifests/known-backups.ts';
import { listPins } from '../manifests/pins.ts';
import { DamageList } from './damage-list.ts';
import type { DamageReport } from './damage-report.ts';
import { loadDoomed } from './doomed-packs.ts';

/** Header, keys and marks: all objects that are neither packs, index, listings nor manifests. Gives the ids of the doomed packs. */
export async function verifyObjects(
  storage: Storage,
  ring: KeyRing,
  report: DamageReport,
): Promise<ReadonlySet<string>> {
  await namingDamage(report, 'vault.json', async () => {
    const { header, problems } = await readHeader(storage);
    for (const { path = 'vault.json', message } of problems) report.add(path, message);
    checkHeader(header, ring);
  });
  await namingDamage(report, 'keys', async () => {
    const { file, problems } = await readKeyFile(storage);
    for (const { path = 'keys', message } of problems) report.add(path, message);
    if (file.vaultId !== ring.vaultId) throw new AppError('damaged', 'The keys are of another vault.');
  });
  const doomed = await loadDoomed(storage, ring.objectKeys);
  for (const { object, reason } of doomed.unreadable) report.add(object, reason);
  const pins = await listPins(storage, ring.objectKeys);
  for (const { path = 'marks', message } of pins.problems) report.add(path, message);
  await verifyProofs(storage, ring, report);
  for (const backupId of await missingBackups(storage)) {
    report.add(
      `backups/${backupId}`,
      'The manifest of a backup is gone. Bring it back from a copy of the vault, or delete that backup.',
      { backupId },
    );
  }
  const damage = await DamageList.load(storage, ring.objectKeys);
  for (const { path = 'marks', message } of damage.problems) report.add(path, message);
  return new Set(doomed.doomedAtMs.keys());
}

async function verifyProofs(storage: Storage, ring: KeyRing, report: DamageReport): Promise<void> {
  const keys = ring.objectKeys;
  for await (const { name } of storage.list('marks/')) {
    if (!name.startsWith('marks/proof-')) continue;
    await namingDamage(
      report,
      name,
      async () => void (await readSealed({ storage, keys, type: 'proof', name })),
    );
  }
}

/** Puts what `check` throws as damage into the report; other errors pass. */
async function namingDamage(report: DamageReport, object: string, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (!(error instanceof AppError) || (error.kind !== 'damaged' && error.kind !== 'not-found')) throw error;
    report.add(object, messageOf(error));
  }
}
