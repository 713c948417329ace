import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { type BackupSettings, backupSettings, type InstallSettings } from '../../../shared/model/settings.ts';
import { assertExtraPathApart, assertExtraPathsApart } from '../../backup/apart.ts';
import { checkNames } from '../../backup/run/backup-request.ts';
import { parseLocation } from '../../storage/location.ts';
import type { TrinityInstall } from '../../trinity/install.ts';
import type { Engine } from '../engine.ts';
import { operation, type OperationOptions } from '../operation.ts';
import { useVault } from '../settings/use-vault.ts';

const pathPart = z.string().min(1).max(255);

/** All settings, or the one that a dotted path names (`retention.newest`). */
export const settingsGet = operation(
  z.strictObject({ path: z.array(pathPart).max(8) }),
  async (engine, { path }): Promise<unknown> => {
    const { settings } = await engine.settings.read();
    const value = valueAt(settings.backup, path);
    if (value === undefined && !isKnown(path)) throw unknownSetting(path);
    return value ?? null;
  },
);

/** Sets one setting; `null` takes it back to its default. The place of the vault is set by `init` and `connect`. */
export const settingsSet = operation(
  z.strictObject({ path: z.array(pathPart).min(1).max(8), value: z.json() }),
  async (engine, { path, value }, options): Promise<BackupSettings> => {
    if (path[0] === 'vaultId' || path[0] === 'formerVaults') {
      throw new AppError('usage', 'Vaults are set by init and connect, which check what is there.');
    }
    if (!isKnown(path)) throw unknownSetting(path);
    requireEntitled(engine, path);
    if (path[0] === 'copies') await requireCopySetting(engine, path);
    if (path[0] === 'path') return await moveTo(engine, value, options);
    if (path[0] === 'include') await requireComponents(value);
    if (path[0] === 'paths') await requireApart(engine, value);
    const stored = await engine.settings.change((settings) => ({
      ...settings,
      backup: withValue(settings.backup, path, value),
    }));
    engine.storages.useLine(stored.backup.transfer);
    return stored.backup;
  },
);

/** To another vault that this home has a key of; it is opened first. */
async function moveTo(engine: Engine, value: unknown, options: OperationOptions): Promise<BackupSettings> {
  const location = z.string().min(1).max(4096).safeParse(value);
  if (!location.success) {
    throw new AppError('usage', 'The setting path takes the place of a vault: a folder or s3://….');
  }
  const place = parseLocation(location.data);
  const path = place.kind === 'folder' ? place.path : location.data;
  const stored = await engine.exclusively('change', options, async () => await useVault(engine, path));
  return stored.backup;
}

/** Settings of what this edition does not do would look as if it did. */
function requireEntitled({ entitlements }: Engine, [first, second, third]: readonly string[]): void {
  if (first === 'retention' || (first === 'copies' && third === 'retention'))
    entitlements.require('backup', 'retention');
  if (first === 'scheduleHours') entitlements.require('backup', 'schedule');
  if (first === 'drill' && second !== 'kitDays') entitlements.require('backup', 'drills');
}

/** What a copy is to do can be set; that it is one is checked where it lies. */
async function requireCopySetting(engine: Engine, [, name, field]: readonly string[]): Promise<void> {
  if (name === undefined || field === undefined || field === 'location') {
    throw new AppError(
      'usage',
      'Copies come and go with copies add and copies remove, which check what is there.',
    );
  }
  await engine.copies.find(name);
}

/** A name that no handler has would stop every later backup. Whether it is a list at all is judged when it is stored. */
async function requireComponents(value: unknown): Promise<void> {
  const names = z.array(z.string()).min(1).safeParse(value);
  if (!names.success) return;
  const { builtInRegistry } = await import('../../components/registry.ts');
  checkNames('The setting include', names.data, builtInRegistry().components);
}

/** What lies in one another could be backed up, but not put back. Whether it is a list at all is judged when it is stored. */
async function requireApart(engine: Engine, value: unknown): Promise<void> {
  const folders = z.array(z.string().startsWith('/')).safeParse(value);
  if (!folders.success) return;
  const { settings } = await engine.settings.read();
  const { install, backup } = settings;
  const vaultFolder = backup.path !== undefined && isAbsolute(backup.path) ? backup.path : undefined;
  const read = install === undefined ? undefined : await readFolders(install);
  for (const folder of folders.data) {
    await assertExtraPathApart(folder, { vaultFolder, home: engine.home.folder, install: read });
  }
  await assertExtraPathsApart(folders.data);
}

/** Where the install cannot be read just now, what is known of it. */
async function readFolders(
  install: InstallSettings,
): Promise<Pick<TrinityInstall, 'folder' | 'dataFolder' | 'volumesRoot'>> {
  const { readInstall } = await import('../../trinity/read-install.ts');
  const { folder, volumesRoot } = install;
  return await readInstall(install).catch(() => ({ folder, dataFolder: folder, volumesRoot }));
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) => (isRecord(at) && Object.hasOwn(at, name) ? at[name] : undefined),
    value,
  );
}

function withValue(value: unknown, path: readonly string[], to: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return to;
  const record = isRecord(value) ? value : {};
  const next = withValue(Object.hasOwn(record, name) ? record[name] : undefined, rest, to);
  const others = Object.entries(record).filter(([key]) => key !== name);
  return Object.fromEntries(next === null ? others : [...others, [name, next]]);
}

/**
 * Whether the model has such a setting; below a record (`agents.<name>`) every name is one, judged when it is stored.
 */
function isKnown(path: readonly string[]): boolean {
  const [first] = path;
  return first === undefined || Object.hasOwn(backupSettings.shape, first);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownSetting(path: readonly string[]): AppError {
  const known = Object.keys(backupSettings.shape).filter(
    (name) => name !== 'vaultId' && name !== 'formerVaults',
  );
  return new AppError('usage', `There is no setting ${path.join('.')}. There are ${known.join(', ')}.`);
}
