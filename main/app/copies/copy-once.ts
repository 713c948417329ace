import { AppError } from '../../../shared/lib/app-error.ts';
import type { CopySettings } from '../../../shared/model/settings.ts';
import type { CopyState } from '../../backup/copies/copy-states.ts';
import { healVault, needsHealing } from '../../backup/copies/heal-vault.ts';
import type { HealOutcome } from '../../backup/copies/heal-vault.ts';
import { runCopy } from '../../backup/copies/run-copy.ts';
import type { CopyOutcome } from '../../backup/copies/run-copy.ts';
import { collectVault } from '../../backup/collect-service.ts';
import type { RunOptions } from '../../backup/services.ts';
import type { OpenedVault } from '../../vault/open-vault.ts';
import type { CopiesParts } from './vault-copies.ts';

const dayMs = 24 * 60 * 60 * 1000;

type Once = Readonly<{ copy: CopySettings; state: CopyState; confirmed: boolean; parts: CopiesParts }>;

export type CopiedOnce = Readonly<{
  outcome: CopyOutcome;
  /** Null where nothing of the vault was damaged. */
  healed: HealOutcome | null;
  /** When the copy was cleared of what it does not need, if it was now. */
  collectedMs: number | undefined;
}>;

/** Copies, then heals the vault from what it has copied to, then gives back space at the copy. */
export async function copyOnce(once: Once, options: RunOptions): Promise<CopiedOnce> {
  const { copy, state, confirmed, parts } = once;
  const settings = await parts.settings();
  const source = await parts.vault();
  if (copy.location === source.storage.location) {
    throw new AppError(
      'refused',
      `The vault itself lies at ${copy.location}: remove that copy with copies remove.`,
    );
  }
  await using target = await parts.open(copy.location, source);
  const { trashDays } = settings;
  const { now } = parts;
  const settled = new Set(state.settled);
  const request = { source, target, rules: copy.retention, trashDays, settled, confirmed, now };
  const outcome = await runCopy(request, options);
  const healed = await healIfNeeded(source, target, options);
  return { outcome, healed, collectedMs: await collectIfDue(once, target, options) };
}

/** A vault that is being written is healed another time. */
async function healIfNeeded(
  vault: OpenedVault,
  copy: OpenedVault,
  options: RunOptions,
): Promise<HealOutcome | null> {
  if (!(await needsHealing(vault))) return null;
  try {
    return await healVault({ vault, copy }, options);
  } catch (error) {
    if (error instanceof AppError && error.kind === 'busy') return null;
    throw error;
  }
}

/** Once a day, where backups of the copy are in the trash or packs are to go: it reads the listings of all its backups. */
async function collectIfDue(
  { state, parts: { now } }: Once,
  target: OpenedVault,
  options: RunOptions,
): Promise<number | undefined> {
  const nowMs = now();
  if (state.collectedMs !== undefined && Math.abs(nowMs - state.collectedMs) < dayMs) return undefined;
  if (!(await holdsAny(target, 'doomed/')) && !(await holdsAny(target, 'trash/'))) return undefined;
  await collectVault(target, now, options);
  return nowMs;
}

async function holdsAny({ storage }: OpenedVault, prefix: string): Promise<boolean> {
  for await (const _ of storage.list(prefix)) return true;
  return false;
}
