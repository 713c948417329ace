import { AppError } from '../../../shared/lib/app-error.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import { agentContainersOf } from '../../trinity/docker/trinity-containers.ts';
import type { InstallEngine } from '../../trinity/install.ts';
import { askEngine } from '../../trinity/install-engine.ts';
import { isVolumeName } from '../../trinity/volume-name.ts';
import type { OpenJournal } from '../restore/swap/journal.ts';
import type { RestoreRun } from '../restore/restore-run.ts';
import { makeVolume } from './made-volumes.ts';

const shownNames = 5;

/**
 * The engine that is to hold the volumes of a new install. `refused` when it has a Trinity already, or any of the volumes: names of
 * agents' containers and volumes are the same in every install.
 */
export async function openEmptyEngine(run: RestoreRun, host: string): Promise<InstallEngine> {
  const { signal } = run.options;
  const { client, engine, backend } = await askEngine(host, signal);
  const containers = await client.listContainers({ all: true }, signal);
  const [agent] = agentContainersOf(containers);
  if (backend !== undefined || agent !== undefined) {
    const which = backend?.folder ?? agent?.container.name ?? 'here';
    const message = `This Docker engine has a Trinity already (${which}), and two of them would share the names of volumes and containers. Use another host, or restore in place.`;
    throw new AppError('refused', message);
  }
  const data = dataVolumeOf(run.manifest);
  const wanted = run.selection.sources.flatMap(({ component, volume }) =>
    component === 'memory' ? [volume] : [],
  );
  const there = new Set((await client.listVolumes(signal)).map(({ name }) => name));
  const taken = [...wanted, ...(data === undefined ? [] : [data])].filter((name) => there.has(name));
  if (taken.length === 0) return engine;
  const names = taken.slice(0, shownNames).join(', ');
  const message = `This Docker engine has volumes of these names already: ${names}. Rename or remove them, or restore in place.`;
  throw new AppError('refused', message);
}

/** Makes the volume that was behind `/data`, with the labels by which compose knows it; undefined where that was a folder. */
export async function makeDataVolume(
  { manifest, options }: RestoreRun,
  journal: OpenJournal,
  { host }: InstallEngine,
): Promise<Readonly<{ name: string; folder: string }> | undefined> {
  const name = dataVolumeOf(manifest);
  if (name === undefined) return undefined;
  const at = name.lastIndexOf('_');
  const labels = {
    'com.docker.compose.project': name.slice(0, at),
    'com.docker.compose.volume': name.slice(at + 1),
  };
  const folder = await makeVolume(
    journal,
    host,
    { name, driver: 'local', labels, options: {} },
    options.signal,
  );
  return { name, folder };
}

function dataVolumeOf({ install }: Manifest): string | undefined {
  const name = install['dataVolume'];
  return typeof name === 'string' && isVolumeName(name) && name.includes('_') ? name : undefined;
}
