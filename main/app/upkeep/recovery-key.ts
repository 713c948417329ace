import { AppError } from '../../../shared/lib/app-error.ts';
import { parseRecoveryKey } from '../../vault/keys/recovery-key.ts';
import type { SlotSecret } from '../../vault/keys/slot-secret.ts';
import { unlockVault } from '../../vault/keys/vault-keys.ts';
import type { OpenedVault } from '../../vault/open-vault.ts';
import type { Engine } from '../engine.ts';

const dayMs = 24 * 3_600_000;

/** Tries a recovery key on the vault, as the worst day would, and remembers that it opened it. `no-key` when it does not. */
export async function proveRecoveryKey(
  engine: Engine,
  recoveryKey: string,
): Promise<Readonly<{ keyId: string; provenMs: number }>> {
  // A typing mistake is another sentence than a wrong key.
  parseRecoveryKey(recoveryKey);
  engine.log.redactor.learn(recoveryKey);
  const vault = await engine.vault();
  try {
    const { slotId } = await unlockVault(vault.storage, { kind: 'recovery', recoveryKey });
    await noteKeyUse(engine, vault.id, { keyId: slotId, kind: 'recovery' });
    return { keyId: slotId, provenMs: engine.now() };
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== 'no-key') throw error;
    throw new AppError(
      'no-key',
      'This recovery key does not open the vault. Look at the paper again; if it is lost, make a new one with recovery-kit --output F.html and remove the old key.',
      { cause: error },
    );
  }
}

/** A key that was given has just opened the vault. */
export async function noteKeyUse(
  engine: Engine,
  vaultId: string,
  { keyId, kind }: Readonly<{ keyId: string; kind: SlotSecret['kind'] }>,
): Promise<void> {
  const nowMs = engine.now();
  await engine.upkeep.change(vaultId, (state) => ({
    ...state,
    ...(kind === 'recovery' ? { kitProvenMs: nowMs } : {}),
    keysUsedMs: { ...state.keysUsedMs, [keyId]: nowMs },
  }));
}

/** Since when a recovery key should be tried again; undefined where that is not due, or there is none. */
export async function kitDueSince(engine: Engine, vault: OpenedVault): Promise<number | undefined> {
  const { settings } = await engine.settings.read();
  const { kitProvenMs } = await engine.upkeep.read(vault.id);
  const made = vault.vaultKeys.slots
    .filter(({ kind }) => kind === 'recovery')
    .map(({ created }) => Date.parse(created));
  if (made.length === 0) return undefined;
  // A key was seen when it was made; a later proof counts, whichever of the keys it was of.
  const lastMs = Math.max(kitProvenMs ?? 0, ...made);
  const dueMs = lastMs + settings.backup.drill.kitDays * dayMs;
  return dueMs <= engine.now() ? dueMs : undefined;
}
