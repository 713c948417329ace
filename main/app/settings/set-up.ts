import type { BackupSettings, HomeSettings, InstallSettings } from '../../../shared/model/settings.ts';

type VaultPlace = Readonly<{ path: string; vaultId: string }>;

/** The most that is remembered; the oldest goes first. */
const keptVaults = 100;

/**
 * Settings with another install or another vault. Backing up is on as soon as a home has both for the first time; who turns it off later
 * has it off. A vault that is left stays listed.
 */
export function setUp(
  before: HomeSettings,
  chosen: Readonly<{ install?: InstallSettings; vault?: VaultPlace }>,
): HomeSettings {
  const { install = before.install, vault } = chosen;
  const backup = vault === undefined ? before.backup : withVault(before.backup, vault);
  const isFirst = !isSetUp(before) && isSetUp({ install, backup });
  return {
    ...before,
    ...(install === undefined ? {} : { install }),
    backup: isFirst ? { ...backup, enabled: true } : backup,
  };
}

export function isSetUp({ install, backup }: Pick<HomeSettings, 'install' | 'backup'>): boolean {
  return install !== undefined && backup.path !== undefined;
}

/** The vault that is left is remembered, the one that is taken up is no former one any more. */
function withVault(before: BackupSettings, vault: VaultPlace): BackupSettings {
  const { path, vaultId } = before;
  const left =
    path === undefined || path === vault.path
      ? []
      : [{ path, ...(vaultId === undefined ? {} : { vaultId }) }];
  const others = before.formerVaults.filter((former) => former.path !== vault.path && former.path !== path);
  // A copy that is taken up as the vault is no copy of it any more.
  const copies = Object.entries(before.copies).filter(([, { location }]) => location !== vault.path);
  const formerVaults = [...others, ...left].slice(-keptVaults);
  return { ...before, ...vault, copies: Object.fromEntries(copies), formerVaults };
}
