import { expect } from 'vitest';
import { createBackup } from '../../main/backup/backup-service.ts';
import type { RestoreRequest } from '../../main/backup/services.ts';
import { quietly, tinyInstall } from './tiny-install.ts';
import type { TinyInstall, TinyOptions } from './tiny-install.ts';

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
