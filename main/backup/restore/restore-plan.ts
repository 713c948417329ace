import { type HostValue, hostValuesOf } from '../new-install/host-values.ts';
import { sourceText } from '../../../shared/model/component.ts';
import { loadRequested, selectSources } from './restore-request.ts';
import { checkVersions } from './restore-versions.ts';
import type { RestoreRequest, RunOptions, ServiceContext } from '../services.ts';

export type RestorePlan = Readonly<{
  backupId: string;
  timestamp: string;
  sources: readonly Readonly<{ source: string; files: number; bytes: number; paths: number }>[];
  /** What would happen, one sentence each. */
  actions: readonly string[];
  /** For a new install: what `.env` says of the old host, to be kept or given anew as `hostValues`. */
  hostValues: readonly HostValue[];
}>;

/** What a restore would do, in words. Rejects as the restore itself would for what was asked. Changes nothing. */
export async function planRestore(
  context: ServiceContext,
  request: RestoreRequest,
  options: RunOptions,
): Promise<RestorePlan> {
  const manifest = await loadRequested(context.vault, request.backupId);
  await using reader = await context.vault.openReader('plan');
  const selection = await selectSources({ manifest, registry: context.registry, request, reader });
  const sources = selection.sources.map((source) => ({
    source: sourceText(source),
    files: source.listing?.files ?? 0,
    bytes: source.listing?.bytes ?? 0,
    paths: selection.paths.get(sourceText(source))?.length ?? 0,
  }));
  const actions = [
    whereTo(request),
    ...selection.failed.map((source) => `${sourceText(source)} is not in this backup and stays as it is.`),
  ];
  if (request.destination.way === 'in-place') {
    const bringsDatabase = selection.sources.some(({ component }) => component === 'persistence');
    const parts = { home: context.home, signal: options.signal };
    const versions = bringsDatabase ? await checkVersions(manifest, await context.readInstall(), parts) : [];
    actions.push(...versions.map(({ message }) => message), safetyAction(request));
  }
  const isNew = request.destination.way === 'new-install';
  const hostValues = isNew ? await hostValuesOf(selection.sources, reader) : [];
  return { backupId: manifest.backupId, timestamp: manifest.timestamp, sources, actions, hostValues };
}

function whereTo({ destination }: RestoreRequest): string {
  if (destination.way === 'to')
    return `Plain files are written to ${destination.folder}; nothing else is touched.`;
  if (destination.way === 'new-install') return `A new install is built in ${destination.folder}.`;
  return 'What is live now is replaced; what the backup had left out stays.';
}

function safetyAction({ safetyBackup }: RestoreRequest): string {
  return safetyBackup ? 'What is replaced is backed up first.' : 'No safety backup is made.';
}
