import path from 'node:path';
import type { ServiceContext } from '../../../main/backup/services.ts';
import type { AccessPreference } from '../../../main/trinity/volumes/volume-access.ts';
import { readInstall } from '../../../main/trinity/read-install.ts';
import type { OpenedVault } from '../../../main/vault/open-vault.ts';
import { contextOf, tinyPlaces } from '../../helpers/tiny-context.ts';

/** What the services are given for an install that an engine serves. */
export function liveContext(
  parts: Readonly<{
    folder: string;
    home: string;
    host: string;
    vault: OpenedVault;
    /** `auto` when not said. */
    volumeAccess?: AccessPreference;
  }>,
): ServiceContext {
  const { folder, home, host, vault, volumeAccess = 'auto' } = parts;
  const context = contextOf({ folder, home, volumes: '/nonexistent', vault });
  return {
    ...context,
    settings: { ...context.settings, volumeAccess },
    installSettings: { installId: '1'.repeat(32), folder, dockerHost: host },
    isEntitled: () => true,
    readInstall: async () => await readInstall({ folder, dockerHost: host, volumeAccess }),
  };
}

export function livePlaces(
  base: string,
): Readonly<{ folder: string; home: string; vaultFolder: string; log: string }> {
  const { folder, home } = tinyPlaces(base);
  return { folder, home, vaultFolder: path.join(base, 'vault'), log: path.join(base, 'log') };
}
