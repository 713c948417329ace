import { expect } from 'vitest';
import { createBackup } from '../../main/backup/run/backup-service.ts';
import { pathText } from '../../main/platform/path-text.ts';
import type { RestoreRequest } from '../../main/backup/services.ts';
import { quietly, tinyInstall } from './tiny-install.ts';
import type { TinyOptions } from './tiny-context.ts';
import type { TinyInstall } from './tiny-install.ts';

export const echoVolume = 'agent-echo-workspace';

/** A restore in place with a safety backup. */
export function inPlace(backupId: string, more: Partial<RestoreRequest> = {}): RestoreRequest {
  return { backupId, destination: { way: 'in-place' }, safetyBackup: true, ...more };
}

/** A tiny install and one complete backup of it. */
export async function backedUp(
  options: TinyOptions = {},
): Promise<Readonly<{ tiny: TinyInstall; backupId: string }>> {
  const tiny = await tinyInstall(options);
  const made = await createBackup(tiny.context, { trigger: 'manual' }, quietly);
  expect(made).toMatchObject({ incomplete: false, warnings: [] });
  return { tiny, backupId: made.backupId };
}

/** Paths of all sources of a component, as they are shown. */
export async function listedPaths(
  tiny: TinyInstall,
  backupId: string,
  component: string,
): Promise<readonly string[]> {
  const { manifest } = await tiny.vault.loadManifest(backupId);
  await using reader = await tiny.vault.openReader('test');
  const paths: string[] = [];
  for (const { listing } of manifest.sources.filter((source) => source.component === component)) {
    if (listing === undefined) continue;
    for await (const entry of (await reader.openListing(listing)).entries()) paths.push(pathText(entry.path));
  }
  return paths;
}
