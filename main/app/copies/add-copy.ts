import path from 'node:path';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { copyName } from '../../../shared/model/settings.ts';
import type { CopySettings, HomeSettings } from '../../../shared/model/settings.ts';
import { assertCopyApart } from '../../backup/apart.ts';
import { requireForLocation } from '../../backup/entitlements/off-host.ts';
import { type Location, parseLocation } from '../../storage/location.ts';
import type { S3Credentials } from '../../../shared/model/s3-credentials.ts';
import type { Storage } from '../../storage/storage.ts';
import type { OpenedVault } from '../../vault/open-vault.ts';
import { isSameStorage, makeCopy, requireCopy } from '../../vault/replication/make-copy.ts';
import type { Engine } from '../engine.ts';
import type { OperationOptions } from '../operation.ts';
import type { HomeStorages } from '../home/home-storages.ts';
import { placeWarnings } from './place-warnings.ts';

export type AddCopyInput = Readonly<{
  location: string;
  name?: string | undefined;
  required?: boolean | undefined;
  retention?: CopySettings['retention'];
  /** For S3; kept, sealed, for all later runs of this home. */
  credentials?: S3Credentials | undefined;
}>;

export type AddedCopy = Readonly<{
  name: string;
  location: string;
  vaultId: string;
  /** False: a copy of this vault was there already. */
  isNew: boolean;
  warnings: readonly Finding[];
}>;

/**
 * Makes an empty place a copy of the vault, or takes one that is. `usage` for a name or place that is taken, `refused` where another vault
 * lies, and inside or around the vault, the install or the home.
 */
export async function addCopy(
  engine: Engine,
  input: AddCopyInput,
  { signal }: OperationOptions,
): Promise<AddedCopy> {
  const location = parseLocation(input.location);
  requireForLocation(engine.entitlements, location);
  const { settings } = await engine.settings.read();
  const name = newName(input.name ?? nameOf(location), settings);
  if (location.kind === 'folder') await assertCopyApart(location.path, placesOf(engine, settings));
  const vault = await engine.vault();
  const { required, retention, credentials } = input;
  signal.throwIfAborted();
  const { storage, isNew } = await makeOrOpen({ storages: engine.storages, vault, credentials }, location);
  assertNotThere(storage, settings);
  await engine.storages.keep(location, credentials);
  const copy = {
    location: storage.location,
    ...(required === undefined ? {} : { required }),
    ...(retention === undefined ? {} : { retention }),
  };
  await engine.settings.change(({ backup, ...others }) => {
    newName(name, { ...others, backup });
    return { ...others, backup: { ...backup, copies: { ...backup.copies, [name]: copy } } };
  });
  await engine.copies.states.change(name, storage.location, (state) => state);
  const warnings = await placeWarnings(location, vault.storage, settings);
  return { name, location: storage.location, vaultId: vault.id, isNew, warnings };
}

type Adding = Readonly<{
  storages: HomeStorages;
  vault: OpenedVault;
  credentials: S3Credentials | undefined;
}>;

async function makeOrOpen(
  adding: Adding,
  location: Location,
): Promise<Readonly<{ storage: Storage; isNew: boolean }>> {
  const { storages, vault, credentials } = adding;
  const there = await openIfThere(adding, location);
  if (there === undefined) {
    const storage = await storages.create(location, { credentials });
    await makeCopy(vault.storage, storage, vault.ring);
    return { storage, isNew: true };
  }
  await requireCopy(there, vault.ring);
  if (await isSameStorage(vault.storage, there)) {
    throw new AppError(
      'usage',
      `The vault itself lies at ${there.location}. Name another place for its copy.`,
    );
  }
  return { storage: there, isNew: false };
}

async function openIfThere(
  { storages, credentials }: Adding,
  location: Location,
): Promise<Storage | undefined> {
  try {
    return await storages.open(location, { absentKind: 'not-found', credentials });
  } catch (error) {
    if (error instanceof AppError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

function newName(name: string, { backup }: HomeSettings): string {
  if (!copyName.safeParse(name).success) {
    throw new AppError(
      'usage',
      `A copy cannot be called ${name}: use up to 32 small letters, digits and dashes (--name).`,
    );
  }
  if (!Object.hasOwn(backup.copies, name)) return name;
  throw new AppError(
    'usage',
    `There is a copy ${name} already: give this one another name (--name), or remove the other one.`,
  );
}

/** The last part of its place, as far as it can be a name. */
function nameOf(location: Location): string {
  const text = location.kind === 'folder' ? path.basename(location.path) : location.place.bucket;
  const fitting = text.toLowerCase().replaceAll(/[^a-z0-9]+/gu, '-');
  return fitting.replaceAll(/^-+|-+$/gu, '').slice(0, 32) || 'copy';
}

function assertNotThere({ location }: Storage, { backup }: HomeSettings): void {
  const [taken] = Object.entries(backup.copies).find(([, copy]) => copy.location === location) ?? [];
  if (taken === undefined) return;
  throw new AppError('usage', `The copy ${taken} lies at ${location} already.`);
}

function placesOf(
  { home }: Engine,
  { install, backup }: HomeSettings,
): Readonly<Record<string, string | undefined>> {
  const copies = Object.entries(backup.copies).map(
    ([name, { location }]) => [`the copy ${name}`, location] as const,
  );
  const extra = backup.paths.map((folder) => [`the extra folder ${folder}`, folder] as const);
  return {
    'the vault': backup.path,
    'the home folder': home.folder,
    'the install': install?.folder,
    "Docker's volumes": install?.volumesRoot,
    ...Object.fromEntries([...extra, ...copies]),
  };
}
