import type { ManifestSource } from '../../../shared/model/manifest.ts';
import type { TrinityInstall } from '../../trinity/install.ts';
import type { StagedRestore } from '../restore/restore-run.ts';
import { placeText } from '../restore/staging/safe-place.ts';
import type { Swapped } from './concerned-containers.ts';

const platformComponents: readonly string[] = ['persistence', 'files', 'config'];
const dataComponents: readonly string[] = ['persistence', 'files'];

/** What containers may not use while these sources go live. Volumes that are only saved first count too: their agents keep still. */
export function swappedBy(
  sources: readonly ManifestSource[],
  parts: Readonly<{
    install: TrinityInstall;
    staged: StagedRestore;
    replacesKeys: boolean;
    younger: readonly string[];
  }>,
): Swapped {
  const { install, staged, replacesKeys, younger } = parts;
  const swaps = staged.groups.flat().filter(({ kind }) => kind === 'whole');
  const places = [
    ...[...staged.liveFolders.values()].map(placeText),
    ...swaps.map(({ live }) => placeText(live)),
  ];
  return swappedAt(sources, { install, places, younger, changesKeys: replacesKeys });
}

/** The same by the places that are swapped. */
export function swappedAt(
  sources: readonly ManifestSource[],
  parts: Readonly<{
    install: TrinityInstall;
    places: readonly string[];
    younger: readonly string[];
    changesKeys: boolean;
  }>,
): Swapped {
  const { install, places, younger, changesKeys } = parts;
  const volumes = sources.filter(({ component }) => component === 'memory').map(({ volume }) => volume);
  const bringsData = sources.some(({ component }) => dataComponents.includes(component));
  return {
    volumes: new Set([...volumes, ...younger, ...(bringsData ? [install.dataVolume ?? []].flat() : [])]),
    places: [...places, ...(bringsData ? [install.dataFolder] : [])],
    isPlatform: changesKeys || sources.some(({ component }) => platformComponents.includes(component)),
  };
}
