import type { VerifyOutcome } from '../../backup/services.ts';
import type { OpenedVault } from '../../vault/open-vault.ts';
import { DamageList } from '../../vault/upkeep/damage-list.ts';
import type { UpkeepState, UpkeepStore } from './upkeep-state.ts';

/** The backups in which checks of the vault found damage that is not healed yet. */
export async function damagedBackups(
  { upkeep }: Readonly<{ upkeep: UpkeepStore }>,
  vault: OpenedVault,
): Promise<ReadonlySet<string>> {
  const { damagedBackups: found = [] } = await upkeep.read(vault.id);
  if (found.length === 0) return new Set();
  // A backup stores anew what is on the list, which heals the earlier ones too.
  const { chunkCount } = await DamageList.load(vault.storage, vault.objectKeys);
  return new Set(chunkCount > 0 ? found : []);
}

/** What is known of damaged backups after a check; only one that read all that a backup needs can take it off. */
export function withDamage(
  { damagedBackups: known = [], ...state }: UpkeepState,
  { backupId, data }: Readonly<{ backupId?: string | undefined; data: 'none' | 'sample' | 'full' }>,
  damaged: VerifyOutcome['damaged'],
): UpkeepState {
  const isCleared = (id: string): boolean => data === 'full' && (backupId ?? id) === id;
  const found = [...known.filter((id) => !isCleared(id)), ...damaged.flatMap(({ backups }) => backups)];
  return found.length === 0 ? state : { ...state, damagedBackups: [...new Set(found)] };
}
