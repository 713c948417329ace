import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { ManifestSource } from '../../../shared/model/manifest.ts';
import type { BackupSettings } from '../../../shared/model/settings.ts';
import type {
  HelperPlace,
  KeepRules,
  Place,
  RestoreContext,
  StagedPaths,
  Swap,
  TreeTarget,
} from '../../components/component-handler.ts';
import { pathBytes } from '../../platform/path-text.ts';
import type { TrinityInstall } from '../../trinity/install.ts';
import { stageDatabase, type StagedDatabase } from '../databases/stage-database.ts';
import {
  stageTreeByHelper,
  type HelperFilesRequest,
  type StagedByHelper,
  type StageRequest,
} from '../by-helper/stage-by-helper.ts';
import type { HelperStage } from '../by-helper/helper-stage.ts';
import type { OpenJournal } from './swap/journal.ts';
import { makeVolume } from '../live/made-volumes.ts';
import { below, joinPath, placeAt, placeText, splitPath, statPlace } from './staging/safe-place.ts';
import { stageChanges } from './staging/stage-changes.ts';
import type { Staging } from './staging/staging.ts';

export type RestoreContextParts = Readonly<{
  install: TrinityInstall;
  settings: BackupSettings;
  journal: OpenJournal;
  staging: Staging;
  component: string;
  /** Of live trees only what differs is staged, where their handlers allow it. */
  onlyChanges: boolean;
  isNewInstall: boolean;
  paths: ReadonlyMap<string, readonly Buffer[]>;
  /** Live folders of sources by `sourceText`, told by their handlers; added to. */
  liveFolders: Map<string, Place>;
  /** Added to. */
  databases: StagedDatabase[];
  /** Undefined without an engine. */
  helperStage: HelperStage | undefined;
  /** Added to. */
  byHelper: StagedByHelper[];
  /** Added to. */
  helperFiles: HelperFilesRequest[];
}>;

const nothing = Buffer.alloc(0);
const keepFacts = z.object({
  exclude: z.array(z.string()).default([]),
  unread: z.array(z.string()).default([]),
  /** Further paths could not be read and are not named. */
  unreadMore: z.boolean().default(false),
});

/** What a live tree keeps when this source takes its place. */
export function keepRulesOf(source: ManifestSource, base: Buffer): KeepRules {
  const facts = keepFacts.safeParse(source.facts);
  if (!facts.success) {
    throw new AppError(
      'damaged',
      `The backup does not say what it left out of ${sourceText(source)}. Restore it into a folder (--to).`,
    );
  }
  const { exclude, unread, unreadMore } = facts.data;
  return { exclude, unread: unreadMore ? undefined : unread.map(pathBytes), base };
}

/** The engine's side of a handler's restore. */
export function restoreContext(parts: RestoreContextParts): RestoreContext {
  const { install, settings, staging, journal, component } = parts;
  return {
    install,
    settings,
    restoreId: journal.content.restoreId,
    isNewInstall: parts.isNewInstall,
    signal: staging.signal,
    pathsOf: (source) => parts.paths.get(sourceText(source)),
    openListing: async (source) => await staging.openListing(source),
    openWorkFolder: async (folder) => await staging.openWorkFolder(folder, component),
    ensureFolder: async (folder, mode) => await staging.ensureFolder(folder, mode),
    makeVolume: async (volume) => {
      if (install.engine === undefined) throw new Error('Without an engine a volume is a folder.');
      return await makeVolume(journal, install.engine.host, volume, staging.signal);
    },
    stageByHelper: async (source, target, paths) => {
      const staged = await stageByHelper(parts, source, target, paths);
      if (staged !== undefined) parts.byHelper.push(staged);
    },
    stageFilesByHelper: (source, { live, hasLive }, { files, gives }) => {
      const request = { source, live, hasLive, keep: undefined, ...commonRequest(parts) };
      parts.helperFiles.push({ ...request, files, gives });
    },
    openPrivateFolder: async () => await staging.openWorkFolder(journal.home, component),
    stageDatabase: async (dump) => {
      parts.databases.push(await stageDatabase(journal, dump, staging.signal));
    },
    stage: async (source, folder, paths) => void (await staging.stage(source, folder, paths)),
    stageTree: async (source, target) => await stageTree(parts, source, target),
    stagePaths: async (source, target, paths) => await stagePaths(parts, source, target, paths),
    warn: (finding) => staging.warnings.add({ component, ...finding }),
    note: (finding) => staging.notes.add({ component, ...finding }),
  };
}

/** Nothing of a live place is looked at before its containers are down: all of the source is staged. */
async function stageByHelper(
  parts: RestoreContextParts,
  source: ManifestSource,
  { live, hasLive }: HelperPlace,
  paths = parts.paths.get(sourceText(source)),
): Promise<StagedByHelper | undefined> {
  const { journal, staging } = parts;
  const keep = keepRulesOf(source, nothing);
  const request = { source, live, hasLive, keep, ...commonRequest(parts) };
  return await stageTreeByHelper(journal, staging, { ...request, paths });
}

export type HelperParts = Pick<
  RestoreContextParts,
  'install' | 'journal' | 'staging' | 'helperStage' | 'isNewInstall'
>;

/** What every request to stage something by a helper needs. */
export function commonRequest({
  install,
  journal,
  staging,
  helperStage,
  isNewInstall,
}: HelperParts): Pick<StageRequest, 'host' | 'helperStage' | 'fillScratch' | 'signal'> {
  const scratch = async (): Promise<string> => await staging.openWorkFolder(journal.home, 'archive');
  const fillScratch = isNewInstall ? scratch : undefined;
  if (helperStage === undefined) throw new Error('Helpers need an engine.');
  return { host: hostOf(install), helperStage, fillScratch, signal: staging.signal };
}

function hostOf({ engine }: TrinityInstall): string {
  if (engine === undefined) throw new Error('Helpers need an engine.');
  return engine.host;
}

async function stageTree(
  parts: RestoreContextParts,
  source: ManifestSource,
  target: TreeTarget,
): Promise<readonly Swap[]> {
  const paths = parts.paths.get(sourceText(source));
  if (paths !== undefined) return (await stagePaths(parts, source, target, paths)).swaps;
  const live = liveRoot(target);
  parts.liveFolders.set(sourceText(source), live);
  const { staging, component } = parts;
  const keepOf = (base: Buffer): KeepRules => keepRulesOf(source, base);
  if (target.onlyChanges === true && parts.onlyChanges) {
    const swaps = await stageChanges({ staging, source, component, live, keepOf });
    if (swaps !== undefined) return swaps;
  }
  const work = await staging.openWorkFolder(live.root, component);
  await staging.stage(source, path.join(work, 'staged'));
  const staged: Place = { root: work, path: Buffer.from('staged') };
  const kind = target.way === 'inside' ? 'contents' : 'whole';
  return [{ kind, live, staged, work, keep: keepRulesOf(source, nothing) }];
}

async function stagePaths(
  parts: RestoreContextParts,
  source: ManifestSource,
  target: TreeTarget,
  paths: readonly Buffer[],
): Promise<StagedPaths> {
  const live = liveRoot(target);
  parts.liveFolders.set(sourceText(source), live);
  const work = await parts.staging.openWorkFolder(live.root, parts.component);
  const tree = path.join(work, 'staged');
  await parts.staging.stage(source, tree, paths);
  const units = new Map(
    paths.map((bytes) => swapUnit(live, bytes)).map((unit) => [unit.toString('latin1'), unit]),
  );
  const swaps = [...units.values()].map((unit): Swap => ({
    kind: 'whole',
    live: below(live, unit),
    staged: { root: work, path: joinPath('staged', unit) },
    work,
    keep: keepRulesOf(source, unit),
  }));
  return { tree, swaps };
}

/** The folder that is swapped, by a folder above it that nobody else can swap. */
function liveRoot({ live, way }: TreeTarget): Place {
  return way === 'inside' ? { root: live, path: nothing } : placeAt(live);
}

/** What has to be swapped so that a path comes back: itself, or the outermost folder above it that is not there. */
function swapUnit(live: Place, wanted: Buffer): Buffer {
  const parts = splitPath(wanted);
  for (let length = 0; length < parts.length; length += 1) {
    const above = joinPath(...parts.slice(0, length));
    const stat = statPlace(below(live, above));
    if (stat === undefined) return above;
    if (stat.isDirectory()) continue;
    const what = placeText(below(live, above));
    throw new AppError(
      'refused',
      `${what} is no folder now. Restore it itself by its path, or restore into a folder (--to).`,
    );
  }
  return wanted;
}
