import path from 'node:path';
import { sourceText } from '../../../../shared/model/component.ts';
import type { ManifestSource } from '../../../../shared/model/manifest.ts';
import type { RestorePlan } from '../../../../shared/model/restore-plan.ts';
import { openDockerEngine } from '../../../trinity/docker/docker-engine.ts';
import { agentContainersOf } from '../../../trinity/docker/trinity-containers.ts';
import type { TrinityInstall } from '../../../trinity/install.ts';
import { concernedContainers } from '../../live/concerned-containers.ts';
import { swappedAt } from '../../live/swapped.ts';
import type { ServiceContext } from '../../services.ts';
import type { RestoreRun } from '../restore-run.ts';
import type { Planning } from './planning-context.ts';

/** How long earlier restores took. */
export type RestoreSpeed = Readonly<{
  /** Bytes written in a ms; undefined before the first restore or rehearsal. */
  bytesPerMs?: number | undefined;
  /** How long containers stood still in earlier restores, in ms, newest first. */
  stoppedMs: readonly number[];
}>;

/** Until the first restore has been measured: to stop a container takes up to ten seconds, and it starts again. */
const usualStopMs = 15_000;
const swapMs = 2000;
/** Backups that are looked through for how long it takes to copy a source. */
const mostBackups = 20;

type Parts = Readonly<{
  install: TrinityInstall;
  planning: Planning;
  younger: readonly string[];
  changesKeys: boolean;
  speed: RestoreSpeed;
}>;

/** Who stands still, and for about how long; null where no engine is known. */
export async function planStops(run: RestoreRun, parts: Parts): Promise<RestorePlan['stops']> {
  const { install, planning, younger, changesKeys, speed } = parts;
  const { sources } = run.selection;
  if (install.engine === undefined) return null;
  const { signal } = run.options;
  const listed = await (await openDockerEngine(install.engine.host)).listContainers({ all: true }, signal);
  const places = [
    ...planning.trees.map(({ target }) => target.live),
    ...planning.files.flatMap(({ live, paths }) => paths.map((name) => path.join(live, name.toString()))),
    ...(changesKeys ? [install.envFile] : []),
  ];
  const swapped = swappedAt(sources, { install, places, younger, changesKeys });
  const concerned = concernedContainers(listed, swapped, install.projectName);
  const containers = concerned.map(({ container, isTrinity }) => ({
    name: container.name,
    agent: agentContainersOf([container])[0]?.name ?? null,
    isTrinity,
  }));
  // The safety backup is made while they stand still.
  const copyMs = run.request.safetyBackup ? await copyTimeOf(run.context, sources) : 0;
  const estimatedMs = Math.max(medianOf(speed.stoppedMs.slice(0, 5)) ?? usualStopMs, copyMs + swapMs);
  return { containers, estimatedMs: containers.length === 0 ? 0 : Math.round(estimatedMs) };
}

/** How long the newest backups took to copy these sources. */
async function copyTimeOf(
  { vault, installSettings }: ServiceContext,
  sources: readonly ManifestSource[],
): Promise<number> {
  const wanted = new Set(sources.map(sourceText));
  const { manifests } = await vault.listManifests();
  const own = manifests.filter(({ manifest }) => manifest.installId === installSettings.installId);
  let ms = 0;
  for (const { manifest } of own.slice(0, mostBackups)) {
    for (const source of manifest.sources) {
      if (source.state !== 'complete' || !wanted.delete(sourceText(source))) continue;
      ms += Math.max(0, Date.parse(source.finishedAt) - Date.parse(source.startedAt));
    }
  }
  return ms;
}

function medianOf(values: readonly number[]): number | undefined {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
}
