import path from 'node:path';
import type { ServiceContext } from '../../main/backup/services.ts';
import { builtInRegistry } from '../../main/components/registry.ts';
import type { ComponentRegistry } from '../../main/components/registry.ts';
import { readInstall } from '../../main/trinity/read-install.ts';
import type { OpenedVault } from '../../main/vault/open-vault.ts';
import { backupSettings } from '../../shared/model/settings.ts';
import type { BackupSettings } from '../../shared/model/settings.ts';

export type TinyOptions = Readonly<{
  settings?: Partial<BackupSettings>;
  registry?: ComponentRegistry;
  now?: () => number;
  isEntitled?: boolean;
}>;

export type TinyPlaces = Readonly<{ folder: string; volumes: string; home: string }>;

/** Where the parts of a tiny install lie. */
export function tinyPlaces(base: string): TinyPlaces {
  return {
    folder: path.join(base, 'trinity'),
    volumes: path.join(base, 'volumes'),
    home: path.join(base, 'home'),
  };
}

/** What the services are given, for an install that may be another one than the first. */
export function contextOf(
  place: TinyPlaces & Readonly<{ vault: OpenedVault }>,
  options: TinyOptions = {},
): ServiceContext {
  const { folder, volumes, home, vault } = place;
  return {
    vault,
    installSettings: { installId: '1'.repeat(32), folder, volumesRoot: volumes },
    settings: { ...backupSettings.parse({}), ...options.settings },
    registry: options.registry ?? builtInRegistry(),
    readInstall: async () => await readInstall({ folder, volumesRoot: volumes }),
    home,
    productVersion: '0.0.0',
    isEntitled: () => options.isEntitled ?? true,
    now: options.now ?? Date.now,
  };
}
