import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import { sourceText } from '../../shared/model/component.ts';
import type { Manifest, ManifestSource } from '../../shared/model/manifest.ts';
import type { Place, Swap } from '../components/component-handler.ts';
import { hostKeys, parseEnv } from '../trinity/env-file.ts';
import type { InstallEngine, TrinityInstall } from '../trinity/install.ts';
import { projectNameOf } from '../trinity/read-install.ts';
import { assertRootApart } from './apart.ts';
import { canWriteNewVolumes } from '../trinity/volumes/volume-access.ts';
import { prepareByHelper } from './by-helper/swap-by-helper.ts';
import { writeMeta } from './folder-meta.ts';
import type { OpenJournal } from './journal.ts';
import { agentsThatRan, makeDataVolume, openEmptyEngine } from './live/new-install-engine.ts';
import { removeTree } from './remove-tree.ts';
import { finishOrWarn, swapAll } from './restore-end.ts';
import { withLine } from './restore-keys.ts';
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
import { requireEmpty } from './restore-to.ts';
import { placeAt, placeText } from './safe-place.ts';
import type { RestoreOutcome } from './services.ts';
import type { Staging } from './staging.ts';
import { planSwaps } from './swap-plan.ts';
import { runSwaps } from './swap-run.ts';

const dataKey = 'TRINITY_DATA_PATH';
const projectKey = 'COMPOSE_PROJECT_NAME';
const nothing = Buffer.alloc(0);

export type NewInstallTarget = Readonly<{
  folder: string;
  volumesRoot?: string;
  /** The engine that makes its volumes; without one they are folders. */
  dockerHost?: string;
}>;

type Build = Readonly<{
  /** Where the new install will be, and its volumes. */
  folder: string;
  volumesRoot: string;
  /** Our folder in it, and the install as it is built there. */
  work: string;
  skeleton: string;
  engine: InstallEngine | undefined;
  dataVolume: Readonly<{ name: string; folder: string }> | undefined;
  install: TrinityInstall;
}>;

/**
 * Restores onto a machine that has nothing: a whole install is built inside the empty folder, then swapped in, with the volumes, in
 * one step. Volumes that hold something already are refused.
 */
export async function restoreNewInstall(run: RestoreRun, target: NewInstallTarget): Promise<RestoreOutcome> {
  const folder = path.resolve(target.folder);
  await assertRootApart(run.context.vault.storage, folder);
  await requireEmpty(folder);
  const engine = target.dockerHost === undefined ? undefined : await openEmptyEngine(run, target.dockerHost);
  const volumesRoot =
    engine?.volumesFolder ?? path.resolve(target.volumesRoot ?? path.join(folder, 'volumes'));
  if (engine === undefined) await requireEmptyVolumes(run, volumesRoot);
  return await withJournal(run, async (journal) => {
    const staging = stagingOf(run, journal);
    await staging.ensureFolder(folder);
    const work = await staging.openWorkFolder(folder, 'install');
    const dataVolume = engine === undefined ? undefined : await makeDataVolume(run, journal, engine);
    const build = await beginBuild(run, { folder, volumesRoot, work, engine, dataVolume });
    const { staged, byHelper } = await stageBuild(run, { journal, staging, build });
    await assemble(journal, build, staged);
    await giveRootMeta(run, build.skeleton);
    const { moves, absents, folders } = await planSwaps([lastSwaps(build, staged)], journal.content.folders);
    await prepareByHelper(journal, byHelper, run.options.signal);
    run.options.signal.throwIfAborted();
    await journal.update({ phase: 'swapping', moves, absents, folders: outside(folders, build) });
    await swapAll(journal, run.hooks);
    const leftovers = await finishOrWarn(journal, run.hooks);
    const notes = [
      {
        code: 'next-step',
        message: engine === undefined ? nextStep(folder, volumesRoot) : startStep(run, folder),
      },
    ];
    return outcomeOfRestore(run, {
      staging,
      restored: writtenOf(run, staging),
      safetyBackupId: null,
      restartRequired: true,
      warnings: leftovers,
      notes,
    });
  });
}

/** Extra folders that the settings do not name are left out. */
function writtenOf({ selection }: RestoreRun, { staged }: Staging): readonly ManifestSource[] {
  const written = new Set(staged.map(({ source }) => sourceText(source)));
  return selection.sources.filter((source) => written.has(sourceText(source)));
}

async function stageBuild(
  run: RestoreRun,
  { journal, staging, build }: Readonly<{ journal: OpenJournal; staging: Staging; build: Build }>,
): Promise<Readonly<{ staged: StagedRestore; byHelper: StagedRestore['byHelper'] }>> {
  const { install } = build;
  await using helperStage = helperStageOf(install, journal, run.options.signal);
  const parts = { journal, staging, install, helperStage, onlyChanges: false, isNewInstall: true };
  const staged = await stageAll(run, parts);
  await settleEnvironment(build, staged, staging);
  await keepProjectName(build, staged, staging);
  await settleDatabase(run, { install, staging, staged });
  return { staged, byHelper: (await sendStagedFiles(journal, staged)).byHelper };
}

/** Docker makes an empty volume for each that it does not know: Trinity would start with agents that have lost everything. */
function nextStep(folder: string, volumesRoot: string): string {
  return (
    `Trinity is restored in ${folder}, its volumes in ${volumesRoot}. Docker does not know these volumes yet: make each with ` +
    'docker volume create, with the labels in the meta.json beside its _data, and see that its content lies where Docker keeps it. ' +
    'Check .env, then run ./scripts/deploy/start.sh.'
  );
}

/** Containers are Trinity's to make: its script those of the platform, its backend those of agents. */
function startStep({ manifest }: RestoreRun, folder: string): string {
  const agents = agentsThatRan(manifest);
  const start =
    agents.length === 0
      ? ''
      : ` Then start these agents in Trinity, which ran when the backup was made: ${agents.join(', ')}.`;
  return `Trinity is restored in ${folder}, its volumes in Docker. Make sure that the old one does not run any more, check .env, then run ./scripts/deploy/start.sh.${start}`;
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

async function beginBuild(run: RestoreRun, parts: Omit<Build, 'skeleton' | 'install'>): Promise<Build> {
  const { manifest } = run;
  const skeleton = path.join(parts.work, 'staged');
  await mkdir(skeleton, { mode: 0o755 });
  const isInside = parts.volumesRoot.startsWith(`${parts.folder}/`);
  const volumesRoot = isInside
    ? path.join(skeleton, path.relative(parts.folder, parts.volumesRoot))
    : parts.volumesRoot;
  const { engine, dataVolume } = parts;
  const isInFolder = run.context.settings.volumeAccess !== 'helper' && canWriteNewVolumes(engine);
  const isByHelper = dataVolume !== undefined && !isInFolder;
  const dataFolder = dataVolume?.folder ?? dataFolderOf(manifest, skeleton, volumesRoot);
  const database = textFact(manifest, 'databaseFile');
  const relative =
    database === undefined
      ? undefined
      : (cleanRelative(textFact(manifest, 'dataFolder'), database) ?? 'trinity.db');
  const install: TrinityInstall = {
    folder: skeleton,
    projectName: textFact(manifest, 'projectName') ?? 'trinity',
    // What it will be is up to whoever starts it.
    form: dataVolume === undefined ? 'prod' : 'dev',
    engine,
    dataFolder,
    dataVolume: dataVolume?.name,
    dataAccess: isByHelper
      ? { mode: 'helper', reason: 'Only a container can write the volumes of this engine.' }
      : { mode: 'host', reason: 'It is being made here.' },
    database: relative === undefined ? bundledPostgres : { kind: 'sqlite', path: relative },
    databaseFile: relative === undefined ? undefined : path.join(dataFolder, relative),
    envFile: path.join(skeleton, '.env'),
    folderAccess: { mode: 'host', reason: 'It is being made here.' },
    env: new Map(),
    volumesRoot,
    version: textFact(manifest, 'trinityVersion'),
  };
  return { ...parts, skeleton, install };
}

const bundledPostgres = {
  kind: 'postgres',
  container: undefined,
  host: 'postgres',
  port: 5432,
  user: 'trinity',
  database: 'trinity',
} as const;

/** `/data` goes where it was: below the checkout, or in a volume; else below the checkout. */
function dataFolderOf(manifest: Manifest, folder: string, volumesRoot: string): string {
  const data = textFact(manifest, 'dataFolder');
  const inVolumes = data === undefined ? undefined : cleanRelative(textFact(manifest, 'volumesRoot'), data);
  if (inVolumes !== undefined) return path.join(volumesRoot, inVolumes);
  const inFolder = data === undefined ? undefined : cleanRelative(textFact(manifest, 'folder'), data);
  return path.join(folder, inFolder ?? 'trinity-data');
}

/** The path from one folder down to another; undefined when it does not lie below. What a manifest says is not trusted. */
function cleanRelative(from: string | undefined, to: string): string | undefined {
  if (from === undefined || !path.isAbsolute(from) || !path.isAbsolute(to)) return undefined;
  const relative = path.relative(from, to);
  return relative === '' || relative === '..' || relative.startsWith('../') || relative.includes('\0')
    ? undefined
    : relative;
}

function textFact(manifest: Manifest, name: string): string | undefined {
  const value = manifest.install[name];
  return typeof value === 'string' ? value : undefined;
}

/** What belonged to the old host is named; the data path is set to where the data now is. */
async function settleEnvironment(build: Build, staged: StagedRestore, staging: Staging): Promise<void> {
  const swap = staged.groups.flat().find(({ live }) => placeText(live) === build.install.envFile);
  if (swap?.staged === undefined) return;
  const file = placeText(swap.staged);
  const content = await readIfFile(file);
  if (content === undefined) return;
  const env = parseEnv(content);
  const { dataFolder } = build.install;
  const isBelow =
    dataFolder.startsWith(`${build.skeleton}/`) &&
    !dataFolder.startsWith(`${build.install.volumesRoot ?? ''}/`);
  const wanted = `./${path.relative(build.skeleton, dataFolder)}`;
  const set = env.get(dataKey);
  const isSame =
    path.resolve(build.skeleton, set === undefined || set === '' ? './trinity-data' : set) === dataFolder;
  if (isBelow && !isSame) await writeFile(file, withLine(content, dataKey, wanted));
  const keys = hostKeys.filter((key) => (env.get(key) ?? '') !== '');
  if (keys.length === 0) return;
  const message = `These values of .env belonged to the old host: ${keys.join(', ')}. Check that they are right here.`;
  staging.notes.add({ code: 'env-host-keys', message, component: 'config' });
}

/**
 * Compose names the volume behind `/data` after the project, and that after the folder: in a folder of another name Trinity would
 * start with an empty database, and then delete the volumes of agents that it does not hold.
 */
async function keepProjectName(build: Build, staged: StagedRestore, staging: Staging): Promise<void> {
  const { dataFolder, envFile, volumesRoot } = build.install;
  const project = projectNameOf(build.install.projectName);
  const isInVolume = volumesRoot !== undefined && dataFolder.startsWith(`${volumesRoot}/${project}_`);
  if (project === '' || !isInVolume || projectNameOf(path.basename(build.folder)) === project) return;
  const swap = staged.groups.flat().find(({ live }) => placeText(live) === envFile);
  const file = swap?.staged === undefined ? envFile : placeText(swap.staged);
  const content = await readIfFile(file);
  if (content !== undefined && projectNameOf(parseEnv(content).get(projectKey) ?? '') === project) return;
  if (content === undefined || swap?.staged === undefined) {
    const message = `Put ${projectKey}=${project} into .env before the first start: the volume of the database bears that name.`;
    staging.warnings.add({ code: 'project-name', message, component: 'config' });
    return;
  }
  await writeFile(file, withLine(content, projectKey, project), { flush: true });
  const message = `${projectKey} in .env is ${project} now, since the volume of the database bears that name.`;
  staging.notes.add({ code: 'project-name', message, component: 'config' });
}

async function readIfFile(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EISDIR')) return undefined;
    throw error;
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
