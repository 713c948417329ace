import type { BackupSettings, HomeSettings } from '../../../shared/model/settings.ts';
import type { Engine } from '../engine.ts';
import { openHomeVault } from '../home/home-vault.ts';
import { setUp } from './set-up.ts';

type VaultPlace = Pick<BackupSettings, 'path' | 'vaultId'>;

/**
 * Opens the vault that settings name with the keys of this home, before anything relies on it. `unavailable` when it is not there,
 * or another one is; `no-key` when `connect` has to open it first.
 */
export async function checkVault(engine: Engine, place: VaultPlace): Promise<string> {
  const { settings } = await engine.settings.read();
  const { path, vaultId } = place;
  await using vault = await openHomeVault(
    { ...settings.backup, path, vaultId },
    { home: engine.home, storages: engine.storages, passphrases: engine.passphrases },
  );
  return vault.id;
}

/** Goes over to another vault that has a key of this home; the one of before stays listed. */
export async function useVault(engine: Engine, path: string): Promise<HomeSettings> {
  const vaultId = await checkVault(engine, { path, vaultId: undefined });
  const stored = await engine.settings.change((before) => setUp(before, { vault: { path, vaultId } }));
  engine.forgetVault();
  return stored;
}
