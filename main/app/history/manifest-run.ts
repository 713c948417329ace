import type { RunSource } from '../../../shared/model/history.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { Manifest, ManifestSource } from '../../../shared/model/manifest.ts';
import type { NewRun } from '../../catalog/run-table.ts';

/** What a committed backup tells of the run that made it. */
export function runOfManifest(manifest: Manifest): NewRun {
  const sources = manifest.sources.map((source) => sourceOf(source, manifest));
  const sum = (of: (source: RunSource) => number): number =>
    sources.reduce((total, source) => total + of(source), 0);
  const startedMs = Date.parse(manifest.timestamp);
  const failedSources = sources.filter(({ outcome }) => outcome === 'failed').map(({ source }) => source);
  return {
    operation: 'backup',
    trigger: manifest.trigger,
    startedMs,
    finishedMs: startedMs + manifest.durationMs,
    outcome: failedSources.length > 0 ? 'incomplete' : 'succeeded',
    backupId: manifest.backupId,
    files: sum(({ files }) => files),
    bytes: sum(({ bytes }) => bytes),
    bytesAdded: sum(({ bytesAdded }) => bytesAdded),
    bytesStored: sum(({ bytesStored }) => bytesStored),
    frozenMs: sum(({ frozenMs }) => frozenMs),
    lockedMs: sum(({ lockedMs }) => lockedMs),
    warnings: manifest.warnings.length,
    failedSources,
    sources,
  };
}

function sourceOf(source: ManifestSource, { warnings }: Manifest): RunSource {
  const { component, volume, agents, state, listing } = source;
  // A finding that names no volume is about the component as a whole.
  const own = warnings.filter(
    (finding) => finding.component === component && (finding.volume ?? '') === volume,
  );
  const failure = own.find(({ code }) => code === 'source-failed');
  return {
    source: sourceText(source),
    agents: [...agents],
    outcome: state === 'complete' ? 'succeeded' : 'failed',
    files: listing?.files ?? 0,
    bytes: listing?.bytes ?? 0,
    bytesAdded: source.bytesAdded,
    bytesStored: source.bytesStored,
    frozenMs: Math.round(source.frozenMs),
    lockedMs: Math.round(source.lockedMs),
    warnings: own.length,
    ...(failure === undefined ? {} : { message: failure.message }),
  };
}
