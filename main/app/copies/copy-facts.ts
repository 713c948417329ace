import { AppError } from '../../../shared/lib/app-error.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import type { CopySettings } from '../../../shared/model/settings.ts';
import type { CopyState } from '../../backup/copies/copy-states.ts';
import type { Engine } from '../engine.ts';

/** How a copy stands, as this home knows it. */
export type CopyStanding = Readonly<{
  name: string;
  settings: CopySettings;
  state: CopyState;
  isRunning: boolean;
  /** Since when the vault has had a backup that the copy lacks, ms since 1970; undefined when it lacks none. */
  behindSinceMs: number | undefined;
  /** How many backups it lacks; undefined while the vault cannot be asked. */
  lacks: number | undefined;
}>;

/** All copies of the vault, by what is remembered of them: none of them is asked. */
export async function copyFacts(engine: Engine): Promise<readonly CopyStanding[]> {
  const { settings } = await engine.settings.read();
  const copies = Object.entries(settings.backup.copies);
  if (copies.length === 0) return [];
  return await standingsOf(engine, await liveBackups(engine), copies);
}

/** The same where the backups of the vault are known already; undefined: they cannot be told. */
export async function standingsOf(
  { copies }: Pick<Engine, 'copies'>,
  live: readonly Manifest[] | undefined,
  named: readonly (readonly [string, CopySettings])[],
): Promise<readonly CopyStanding[]> {
  const standings: CopyStanding[] = [];
  for (const [name, settings] of named) {
    const state = await copies.states.of(name, settings.location);
    const settled = new Set(state.settled);
    const lacking = live?.filter(({ backupId }) => !settled.has(backupId));
    const oldestMs = Math.min(...(lacking ?? []).map(({ timestamp }) => Date.parse(timestamp)));
    standings.push({
      name,
      settings,
      state,
      isRunning: copies.running.includes(name),
      lacks: lacking?.length,
      // What was there before the copy was made is missing since then.
      behindSinceMs: Number.isFinite(oldestMs) ? Math.max(oldestMs, state.addedMs) : undefined,
    });
  }
  return standings;
}

async function liveBackups(engine: Engine): Promise<readonly Manifest[] | undefined> {
  try {
    const vault = await engine.vault();
    const { manifests } = await vault.listManifests();
    return manifests.filter(({ state }) => state === 'live').map(({ manifest }) => manifest);
  } catch (error) {
    // Away or locked: how far the copies are behind cannot be told then.
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
