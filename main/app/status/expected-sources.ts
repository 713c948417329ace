import { AppError } from '../../../shared/lib/app-error.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import type { HomeSettings } from '../../../shared/model/settings.ts';
import type { PlannedVolume } from '../../trinity/install.ts';
import { planVolumes } from '../../trinity/plan-volumes.ts';
import { readInstall } from '../../trinity/read-install.ts';
import type { StatusFacts } from './facts.ts';

/**
 * The sources that ought to be in a backup today, as `sourceText`: volumes by what lies on the disk (no database is
 * opened for it), the others by the newest backup that has their component. Of an install that cannot be read, those of
 * its newest backups.
 */
export function expectedSources(
  settings: HomeSettings,
  own: readonly Manifest[],
  today: readonly PlannedVolume[] | undefined,
): readonly string[] {
  const { include } = settings.backup;
  const isWanted = (component: string): boolean => include === undefined || include.includes(component);
  const fixed = ['persistence', 'config', 'files'].filter((component) => isWanted(component));
  const extra = isWanted('paths') && settings.backup.paths.length > 0 ? newestOf('paths', own) : [];
  const volumes = isWanted('memory') ? (textsOf(today) ?? newestOf('memory', own)) : [];
  return [...fixed, ...volumes, ...extra];
}

function textsOf(volumes: readonly PlannedVolume[] | undefined): readonly string[] | undefined {
  return volumes
    ?.filter(({ included }) => included)
    .map(({ name }) => sourceText({ component: 'memory', volume: name }));
}

/** The install as it is today. `volumes` is undefined when they cannot be told; then `problem` says why. */
export type InstallToday = Readonly<{
  volumes: readonly PlannedVolume[] | undefined;
  version: string | undefined;
  problem: StatusFacts['installProblem'];
}>;

/** Looks at the install, by disk or engine alone: no database is opened for it. */
export async function lookAtInstall(settings: HomeSettings): Promise<InstallToday> {
  const { install: place, backup } = settings;
  if (place === undefined) return { volumes: undefined, version: undefined, problem: undefined };
  try {
    const install = await readInstall({ ...place, volumeAccess: backup.volumeAccess });
    const { volumes } = await planVolumes(install, [], backup);
    return { volumes, version: install.version, problem: undefined };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const isEngine = place.dockerHost !== undefined && error.kind === 'unavailable';
    const problem = { place: isEngine ? 'Docker' : place.folder, sentence: error.message };
    return { volumes: undefined, version: undefined, problem };
  }
}

/** Sources of a component in the newest backup that has any of it. */
function newestOf(component: string, own: readonly Manifest[]): readonly string[] {
  const parts = own.map(({ sources }) => sources.filter((source) => source.component === component));
  return (parts.find((sources) => sources.length > 0) ?? []).map((source) => sourceText(source));
}
