import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import { type AgentList, listAgents } from '../agents/agent-list.ts';
import { type LiveSizes, liveSizes } from '../agents/live-sizes.ts';
import { planVolumes } from '../../trinity/plan-volumes.ts';
import { readInstall } from '../../trinity/read-install.ts';
import { openVolumeStore } from '../../trinity/volumes/install-volumes.ts';
import type { Engine } from '../engine.ts';
import { requireInstall } from '../home/home-install.ts';
import { operation } from '../operation.ts';
import { agentRows } from './install/agent-rows.ts';

/** What could not be looked up, as sentences; a vault that is locked is told apart, since there is a way to open it. */
type Known = Readonly<{ problems: readonly string[]; vault: 'open' | 'locked' | 'unreadable' }>;

/** Every agent that is or was, with its volumes, and what could not be looked up. */
export const agents = operation(
  z.strictObject({}),
  async (engine, _, { signal }): Promise<AgentList & Known> => {
    const { settings } = await engine.settings.read();
    const problems: string[] = [];
    const known = await ownManifests(engine, requireInstall(settings).installId, problems);
    const today = await lookAround(engine, problems, signal);
    return {
      ...listAgents({ ...today, manifests: known.manifests, settings: settings.backup }),
      problems,
      vault: known.vault,
    };
  },
);

/** What the volumes of today hold, as far as they lie in folders of this machine. */
export const agentSizes = operation(z.strictObject({}), async (engine, _, { signal }): Promise<LiveSizes> => {
  const { settings } = await engine.settings.read();
  const { backup } = settings;
  const read = await readInstall({ ...requireInstall(settings), volumeAccess: backup.volumeAccess });
  const { volumes } = await planVolumes(read, [], backup, signal);
  return await liveSizes(volumes, backup.exclude, signal);
});

async function ownManifests(
  engine: Engine,
  installId: string,
  problems: string[],
): Promise<Readonly<{ vault: Known['vault']; manifests: readonly Manifest[] }>> {
  try {
    const { vault } = await engine.reading();
    const { manifests } = await vault.listManifests();
    const own = manifests
      .filter(({ state, manifest }) => state === 'live' && manifest.installId === installId)
      .filter(({ manifest }) => manifest.trigger !== 'pre_migration')
      .map(({ manifest }) => manifest);
    return { vault: 'open', manifests: own };
  } catch (error) {
    // Without the vault the agents of today are shown all the same.
    if (!(error instanceof AppError)) throw error;
    if (error.kind === 'no-key') return { vault: 'locked', manifests: [] };
    problems.push(error.message);
    return { vault: 'unreadable', manifests: [] };
  }
}

async function lookAround(engine: Engine, problems: string[], signal: AbortSignal) {
  const { settings } = await engine.settings.read();
  const { volumeAccess } = settings.backup;
  try {
    const read = await readInstall({ ...requireInstall(settings), volumeAccess });
    const rows = (await agentRows({ home: engine.home.folder, read, signal }, problems)) ?? [];
    const plan = await planVolumes(read, rows, settings.backup, signal);
    const store = await openVolumeStore(read, volumeAccess);
    const planned = new Set(plan.volumes.map(({ name }) => name));
    const { volumes } = await store.list(signal);
    return { rows, plan, others: volumes.filter(({ name }) => !planned.has(name)) };
  } catch (error) {
    // Docker or the disk may be away: the backups still know who there was.
    if (!(error instanceof AppError) || signal.aborted) throw error;
    problems.push(error.message);
    return { rows: [], plan: undefined, others: [] };
  }
}
