import path from 'node:path';
import { AppError } from '../../../shared/lib/app-error.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { ManifestSource } from '../../../shared/model/manifest.ts';
import type { Place, Swap } from '../../components/component-handler.ts';
import { prepareByHelper } from '../by-helper/swap-by-helper.ts';
import { writeMeta } from './staging/folder-meta.ts';
import type { OpenJournal } from './swap/journal.ts';
import { makeDataVolume, openEmptyEngine } from '../live/new-install-engine.ts';
import { removeTree } from './staging/remove-tree.ts';
import { finishOrWarn, swapAll } from './restore-end.ts';
import { agentsToStart } from '../live/start-agents.ts';
import { giveOwners } from '../new-install/give-owners.ts';
import { beginBuild, type Build } from '../new-install/begin-build.ts';
import { nextSteps, nextStepsWithoutEngine } from '../new-install/next-steps.ts';
import { readyServer } from '../new-install/ready-server.ts';
import { checkHostValues, environmentOfBackup } from '../new-install/host-values.ts';
import { keepProjectName, settleEnvironment } from '../new-install/settle-build.ts';
import {
  helperStageOf,
  outcomeOfRestore,
  sendStagedFiles,
  stageAll,
  stagingOf,
  withJournal,
} from './restore-run.ts';
import type { RestoreRun, StagedRestore } from './restore-run.ts';
import { settleDatabase } from './restore-settle.ts';
import { requireEmpty, requireEmptyTarget } from './restore-to.ts';
import { placeAt } from './staging/safe-place.ts';
import type { RestoreOutcome } from '../services.ts';
import type { Staging } from './staging/staging.ts';
import { planSwaps } from './swap/swap-plan.ts';
import { runSwaps } from './swap/swap-run.ts';

const nothing = Buffer.alloc(0);

export type NewInstallTarget = Readonly<{
  folder: string;
  volumesRoot?: string;
  /** The engine that makes its volumes; without one they are folders. */
  dockerHost?: string;
  hostValues?: Readonly<Record<string, string>>;
}>;

/**
 * Restores onto a machine that has nothing: a whole install is built inside the empty folder, then swapped in, with the volumes, in
 * one step. Volumes that hold something already are refused.
 */
export async function restoreNewInstall(run: RestoreRun, target: NewInstallTarget): Promise<RestoreOutcome> {
  const folder = path.resolve(target.folder);
  await requireEmptyTarget(run.context, { way: 'new-install', folder });
  const hostValues = target.hostValues ?? {};
  const environment = await environmentOfBackup(run.selection.sources, run.reader);
  checkHostValues(hostValues, environment);
  const engine = target.dockerHost === undefined ? undefined : await openEmptyEngine(run, target.dockerHost);
  const volumesRoot =
    engine?.volumesFolder ?? path.resolve(target.volumesRoot ?? path.join(folder, 'volumes'));
  if (engine === undefined) await requireEmptyVolumes(run, volumesRoot);
  const next = new Map([...(environment ?? []), ...Object.entries(hostValues)]);
  await using server = engine === undefined ? undefined : await readyServer(run, engine, next);
  return await withJournal(run, async (journal) => {
    const staging = stagingOf(run, journal);
    run.steps.begin('fetch and check the data');
    await staging.ensureFolder(folder);
    const work = await staging.openWorkFolder(folder, 'install');
    const dataVolume = engine === undefined ? undefined : await makeDataVolume(run, journal, engine);
    const build = await beginBuild(run, {
      folder,
      volumesRoot,
      work,
      engine,
      dataVolume,
      server: server?.database,
    });
    const { staged, byHelper } = await stageBuild(run, { journal, staging, build, hostValues });
    run.steps.begin('put the data in place');
    await assemble(journal, build, staged);
    await giveRootMeta(run, build.skeleton);
    const { moves, absents, folders } = await planSwaps([lastSwaps(build, staged)], journal.content.folders);
    await prepareByHelper(journal, byHelper, run.options.signal);
    run.options.signal.throwIfAborted();
    await journal.update({ phase: 'swapping', moves, absents, folders: outside(folders, build) });
    await swapAll(journal, run.hooks);
    server?.keep();
    const leftovers = await finishOrWarn(journal, run.hooks);
    const hasOwners = await giveOwners(run, build, staged);
    const warnings = staging.warnings.list;
    const message =
      engine === undefined
        ? nextStepsWithoutEngine(run.manifest, { folder, volumesRoot, warnings })
        : nextSteps(run.manifest, { folder, agents: namesToStart(run), warnings });
    const notes = [{ code: 'next-step', message }];
    const outcome = outcomeOfRestore(run, {
      staging,
      restored: writtenOf(run, staging),
      safetyBackupId: null,
      restartRequired: true,
      warnings: leftovers,
      notes,
    });
    return hasOwners ? withoutOwnerWarnings(outcome) : outcome;
  });
}

function namesToStart({ manifest, selection }: RestoreRun): readonly string[] {
  return agentsToStart(manifest, selection.sources).map(({ agent }) => agent);
}

/** Volumes are written by helpers where this user is not root: whatever was warned of has its owner by now. */
function withoutOwnerWarnings(outcome: RestoreOutcome): RestoreOutcome {
  return { ...outcome, warnings: outcome.warnings.filter(({ code }) => code !== 'owner-not-kept') };
}

/** Extra folders that the settings do not name are left out. */
function writtenOf({ selection }: RestoreRun, { staged }: Staging): readonly ManifestSource[] {
  const written = new Set(staged.map(({ source }) => sourceText(source)));
  return selection.sources.filter((source) => written.has(sourceText(source)));
}

type BuildParts = Readonly<{
  journal: OpenJournal;
  staging: Staging;
  build: Build;
  hostValues: Readonly<Record<string, string>>;
}>;

async function stageBuild(
  run: RestoreRun,
  { journal, staging, build, hostValues }: BuildParts,
): Promise<Readonly<{ staged: StagedRestore; byHelper: StagedRestore['byHelper'] }>> {
  const { install } = build;
  await using helperStage = helperStageOf(install, journal, run.options.signal);
  const parts = { journal, staging, install, helperStage, onlyChanges: false, isNewInstall: true };
  const staged = await stageAll(run, parts);
  await settleEnvironment(build, staged, { staging, hostValues });
  await keepProjectName(build, staged, staging);
  await settleDatabase(run, { install, staging, staged, journal, folder: build.folder });
  return { staged, byHelper: (await sendStagedFiles(journal, staged)).byHelper };
}

async function requireEmptyVolumes({ selection }: RestoreRun, volumesRoot: string): Promise<void> {
  for (const { component, volume } of selection.sources) {
    if (component !== 'memory') continue;
    try {
      await requireEmpty(path.join(volumesRoot, path.basename(volume), '_data'));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      throw new AppError(
        'refused',
        `The volume ${volume} in ${volumesRoot} is not empty. Move it away, or restore in place.`,
      );
    }
  }
}

function isInSkeleton(build: Build, place: Place): boolean {
  return place.root === build.skeleton || place.root.startsWith(`${build.skeleton}/`);
}

/** Puts everything that belongs into our own folder in its place there: nothing of it is live yet. */
async function assemble(journal: OpenJournal, build: Build, staged: StagedRestore): Promise<void> {
  const inner = staged.groups.map((swaps) => swaps.filter(({ live }) => isInSkeleton(build, live)));
  const known = journal.content.folders.filter(({ live }) =>
    isInSkeleton(build, { root: live.root, path: nothing }),
  );
  const steps = await planSwaps(inner, known);
  await runSwaps(steps, {});
  for (const work of journal.content.workFolders) {
    if (work.startsWith(`${build.skeleton}/`)) await removeTree(placeAt(work));
  }
  // Removing our folders has changed the times of those that held them.
  await runSwaps({ moves: [], absents: [], folders: steps.folders }, {});
}

/** The root of the checkout is as it was, where the backup has it. */
async function giveRootMeta({ selection, reader }: RestoreRun, skeleton: string): Promise<void> {
  const config = selection.sources.find(({ component }) => component === 'config');
  if (config?.listing === undefined) return;
  const entry = await (await reader.openListing(config.listing)).entry(nothing);
  if (entry === undefined) return;
  const { mode, uid, gid, mtimeNs } = entry.stat;
  const meta = { mode, uid, gid, mtimeNs, atimeNs: mtimeNs, xattrs: entry.xattrs };
  writeMeta({ root: skeleton, path: nothing }, meta);
}

function lastSwaps(build: Build, staged: StagedRestore): readonly Swap[] {
  const outer = staged.groups.flat().filter(({ live }) => !isInSkeleton(build, live));
  const whole: Swap = {
    kind: 'contents',
    live: { root: build.folder, path: nothing },
    staged: { root: build.work, path: Buffer.from('staged') },
    work: build.work,
    keep: undefined,
  };
  return [...outer, whole];
}

/** Folders of the skeleton are elsewhere after the swap, and already as they have to be. */
function outside<T extends Readonly<{ live: Readonly<{ root: string }> }>>(
  folders: readonly T[],
  build: Build,
): T[] {
  return folders.filter(({ live }) => !isInSkeleton(build, { root: live.root, path: nothing }));
}
