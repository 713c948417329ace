import type { BackupSettings } from '../../../shared/model/settings.ts';
import type { CopyStates } from './copy-states.ts';

/** Whether a backup has to stay in the vault, since a required copy lacks it. */
export async function keptForCopies(
  { copies }: Pick<BackupSettings, 'copies'>,
  states: CopyStates,
): Promise<(backupId: string) => boolean> {
  const settled: ReadonlySet<string>[] = [];
  for (const [name, { required, enabled, location }] of Object.entries(copies)) {
    if (required && enabled) settled.push(new Set((await states.of(name, location)).settled));
  }
  return (backupId) => settled.some((ids) => !ids.has(backupId));
}
