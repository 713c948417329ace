import { AppError } from '../../../shared/lib/app-error.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import type { HomeSettings } from '../../../shared/model/settings.ts';
import type { PlannedVolume } from '../../trinity/install.ts';
import { planVolumes } from '../../trinity/plan-volumes.ts';
import { readInstall } from '../../trinity/read-install.ts';

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

/** What may be Trinity's of the volumes that are there, by disk or engine alone; undefined when that cannot be told. */
export async function volumesToday(settings: HomeSettings): Promise<readonly PlannedVolume[] | undefined> {
  if (settings.install === undefined) return undefined;
  try {
    const { volumeAccess } = settings.backup;
    const install = await readInstall({ ...settings.install, volumeAccess });
    return (await planVolumes(install, [], settings.backup)).volumes;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/** Sources of a component in the newest backup that has any of it. */
function newestOf(component: string, own: readonly Manifest[]): readonly string[] {
  const parts = own.map(({ sources }) => sources.filter((source) => source.component === component));
  return (parts.find((sources) => sources.length > 0) ?? []).map((source) => sourceText(source));
}
