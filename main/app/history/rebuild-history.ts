import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Catalog } from '../../catalog/catalog.ts';
import type { NewRun } from '../../catalog/run-table.ts';
import type { OpenedVault } from '../../vault/open-vault.ts';
import { runOfManifest } from './manifest-run.ts';

/** With a dozen sources each, that is some hundredths of a second in which nothing else is answered. */
const runsAtOnce = 50;

/**
 * Tells a history that is new, or that knows another vault or install, of the backups and rehearsals that the vault remembers. Does
 * so once; what fails here is tried again the next time, and fails nothing else.
 */
export async function rebuildHistory(
  catalog: Catalog,
  vault: OpenedVault,
  installId: string | undefined,
): Promise<void> {
  const from = `${vault.id} ${installId ?? ''}`;
  try {
    if (installId === undefined || catalog.rebuiltFrom === from) return;
    await addInTurns(catalog, await runsOf(vault, installId));
    catalog.noteRebuilt(from);
  } catch {
    // A history is a help: a vault or a disk that fails just now fails where it matters.
  }
}

/** A run that is made up when its turn comes: of ten thousand backups with a dozen sources each that takes a while too. */
type Remembered = Readonly<{ atMs: number; run: () => NewRun }>;

/** Newest first: whatever comes in between and whoever does the same, the older ones get the lower ids. */
async function addInTurns(catalog: Catalog, runs: readonly Remembered[]): Promise<void> {
  const newestFirst = runs.toSorted((one, other) => other.atMs - one.atMs);
  for (let from = 0; from < newestFirst.length; from += runsAtOnce) {
    catalog.addRebuilt(newestFirst.slice(from, from + runsAtOnce).map(({ run }) => run()));
    await nextTurn();
  }
}

async function runsOf(vault: OpenedVault, installId: string): Promise<readonly Remembered[]> {
  const { manifests } = await vault.listManifests();
  const own = manifests
    .map(({ manifest }) => manifest)
    .filter((manifest) => manifest.installId === installId);
  const ids = new Set(own.map(({ backupId }) => backupId));
  const { proofs } = await vault.listMarks();
  const drills = proofs
    .filter(({ backupId }) => ids.has(backupId))
    .map(({ backupId, provenAtMs }) => drillRun(backupId, provenAtMs));
  return [
    ...own.map((manifest) => ({
      atMs: Date.parse(manifest.timestamp),
      run: () => runOfManifest(manifest),
    })),
    ...drills.map((drill) => ({ atMs: drill.startedMs, run: () => drill })),
  ];
}

/** Of rehearsals only what they proved is remembered, and when. */
function drillRun(backupId: string, provenAtMs: Readonly<Record<string, number>>): NewRun {
  const atMs = Math.max(0, ...Object.values(provenAtMs));
  return {
    operation: 'drill',
    startedMs: atMs,
    finishedMs: atMs,
    outcome: 'succeeded',
    backupId,
    failedSources: [],
    sources: Object.keys(provenAtMs).map((source) => ({
      source,
      agents: [],
      outcome: 'succeeded',
      files: 0,
      bytes: 0,
      bytesAdded: 0,
      bytesStored: 0,
      frozenMs: 0,
      lockedMs: 0,
      warnings: 0,
    })),
  };
}
