import { AppError } from '../../../shared/lib/app-error.ts';
import type { ListingRoot, Manifest, ManifestSource } from '../../../shared/model/manifest.ts';

/** A source that was copied. */
export type ListedSource = ManifestSource & Readonly<{ listing: ListingRoot }>;

export type SourceFilter = Readonly<{ component?: string | undefined; volume?: string | undefined }>;

/** The copied sources of a backup that were asked for; `not-found` when there are none. */
export function listedSources(
  manifest: Manifest,
  { component, volume }: SourceFilter,
): readonly ListedSource[] {
  const sources = copiedSources(manifest).filter(
    (source) =>
      (component === undefined || source.component === component) &&
      (volume === undefined || source.volume === volume),
  );
  if (sources.length === 0) {
    const asked = [component, volume].filter((part) => part !== undefined).join('/');
    throw new AppError(
      'not-found',
      `Backup ${manifest.backupId} holds nothing of "${asked}". See with show what it holds.`,
    );
  }
  return sources;
}

export function copiedSources(manifest: Manifest): readonly ListedSource[] {
  return manifest.sources.filter(
    (source): source is ListedSource => source.state === 'complete' && source.listing !== undefined,
  );
}
