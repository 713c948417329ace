import { z } from 'zod';
import { version } from '../../platform/version.ts';
import { operation } from '../operation.ts';

export type HomeInfo = Readonly<{
  version: string;
  platform: string;
  home: string;
  /** Null until they are set. */
  installFolder: string | null;
  installId: string | null;
  vaultLocation: string | null;
}>;

/** What is set up in this home, known without asking vault or Docker. */
export const homeInfo = operation(z.strictObject({}), async ({ home, settings }): Promise<HomeInfo> => {
  const { install, backup } = (await settings.read()).settings;
  return {
    version,
    platform: process.platform,
    home: home.folder,
    installFolder: install?.folder ?? null,
    installId: install?.installId ?? null,
    vaultLocation: backup.path ?? null,
  };
});

export type VaultSize = Readonly<{
  backups: number;
  packs: number;
  /** As they lie in the vault, sealed. */
  storedBytes: number;
  /** What all backups hold together, as if each were whole. */
  contentBytes: number;
}>;

/** How much is kept, and in how much room. */
export const vaultSize = operation(z.strictObject({}), async (engine): Promise<VaultSize> => {
  const vault = await engine.vault();
  const { manifests } = await vault.listManifests();
  const live = manifests.filter(({ state }) => state === 'live');
  await using reader = await vault.openReader('size');
  const packs = reader.packs.packs();
  return {
    backups: live.length,
    packs: packs.length,
    storedBytes: packs.reduce((sum, { size }) => sum + size, 0),
    contentBytes: live
      .flatMap(({ manifest }) => manifest.sources)
      .reduce((sum, { listing }) => sum + (listing?.bytes ?? 0), 0),
  };
});
