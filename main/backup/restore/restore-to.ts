import { chmodSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import { sourceWords } from '../../../shared/lib/restore-plan/sentence.ts';
import { sourceText } from '../../../shared/model/component.ts';
import { damageAtSource, type ManifestSource } from '../../../shared/model/manifest.ts';
import type { Swap } from '../../components/component-handler.ts';
import { assertRootApart, assertTargetApart } from '../apart.ts';
import { readMeta, writeMeta } from './staging/folder-meta.ts';
import { removeTree } from './staging/remove-tree.ts';
import { finishOrWarn, swapAll } from './restore-end.ts';
import { placeAt } from './staging/safe-place.ts';
import { invalidSource, outcomeOfRestore, withJournal } from './restore-run.ts';
import type { RestoreRun } from './restore-run.ts';
import type { RestoreOutcome, ServiceContext } from '../services.ts';
import { Staging } from './staging/staging.ts';
import { planSwaps } from './swap/swap-plan.ts';

/**
 * Writes plain files to `folder/<component>[/<volume>]`, in a folder that is empty or not there: 0700, files 0600. Touches nothing
 * else; after any failure the folder is as it was. What is damaged is left out, with a warning (code `damaged`) that names it;
 * `damaged` when nothing is left.
 */
export async function restoreTo(run: RestoreRun, folder: string): Promise<RestoreOutcome> {
  const target = path.resolve(folder);
  await requireEmptyTarget(run.context, { way: 'to', folder });
  return await withJournal(run, async (journal) => {
    const { reader, options } = run;
    const staging = new Staging({ journal, reader, options, exactMetadata: false, salvages: true });
    await staging.ensureFolder(target, 0o700);
    run.steps.begin('fetch and check the data');
    const { swap, restored } = await stageFiles(run, staging, target);
    run.steps.begin('put the data in place');
    const { moves, absents, folders } = await planSwaps([[swap]], journal.content.folders);
    run.options.signal.throwIfAborted();
    await journal.update({ phase: 'swapping', moves, absents, folders });
    await swapAll(journal, run.hooks);
    const warnings = await finishOrWarn(journal, run.hooks);
    return outcomeOfRestore(run, {
      staging,
      restored,
      safetyBackupId: null,
      restartRequired: false,
      warnings,
    });
  });
}

/** `usage` or `refused` unless a restore can go into this folder. */
export async function requireEmptyTarget(
  context: ServiceContext,
  { way, folder }: Readonly<{ way: 'to' | 'new-install'; folder: string }>,
): Promise<void> {
  const target = path.resolve(folder);
  if (way === 'to') await assertTargetApart(target, await foldersOf(context));
  else await assertRootApart(context.vault.storage, target);
  await requireEmpty(target);
}

/** Where nothing may be written beside what is there. */
async function foldersOf(context: ServiceContext): Promise<readonly (string | undefined)[]> {
  const { vault, installSettings, settings, home } = context;
  const { location } = vault.storage;
  const { folder, volumesRoot } = installSettings;
  // Without a readable install there is none to protect but its folders.
  const install = await context.readInstall().catch(() => undefined);
  const vaultFolder = path.isAbsolute(location) ? location : undefined;
  return [vaultFolder, home, folder, install?.dataFolder, volumesRoot, ...settings.paths];
}

export async function requireEmpty(folder: string): Promise<void> {
  try {
    if ((await readdir(folder)).length === 0) return;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    if (!hasCode(error, 'ENOTDIR')) throw error;
  }
  throw new AppError('usage', `${folder} is not an empty folder. Name one that is empty or not there yet.`);
}

type StagedFiles = Readonly<{ swap: Swap; restored: readonly ManifestSource[] }>;

async function stageFiles(run: RestoreRun, staging: Staging, target: string): Promise<StagedFiles> {
  const work = await staging.openWorkFolder(target, 'to');
  const staged = path.join(work, 'staged');
  await mkdir(staged, { mode: 0o700 });
  const restored: ManifestSource[] = [];
  let damage: AppError | undefined;
  for (const source of run.selection.sources) {
    const problem = await stageOrWarn(run, staging, source, staged);
    if (problem === undefined) restored.push(source);
    damage ??= problem;
  }
  if (restored.length === 0 && damage !== undefined) throw damage;
  const live = { root: target, path: Buffer.alloc(0) };
  const stagedPlace = { root: work, path: Buffer.from('staged') };
  const meta = readMeta(live);
  if (meta !== undefined) writeMeta(stagedPlace, meta);
  return { swap: { kind: 'contents', live, staged: stagedPlace, work, keep: undefined }, restored };
}

/** A source of which nothing can be had is left out: returns why. */
async function stageOrWarn(
  run: RestoreRun,
  staging: Staging,
  source: ManifestSource,
  staged: string,
): Promise<AppError | undefined> {
  const component = path.join(staged, source.component);
  const place = source.volume === '' ? component : path.join(component, checkedVolume(source));
  try {
    if (source.volume !== '') await mkdir(component, { recursive: true, mode: 0o700 });
    const isWhole = await staging.stage(source, place, run.selection.paths.get(sourceText(source)));
    if (isWhole) await validate(run, staging, source, place);
    // The root of a tree comes with the mode that it had: these files are for one pair of eyes.
    chmodSync(place, 0o700);
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError && error.kind === 'damaged')) throw error;
    await removeTree(placeAt(place));
    const { component: name, volume } = source;
    const message = `${sourceWords(sourceText(source), source.agents)} was left out: ${error.message}`;
    staging.warnings.add({ code: 'damaged', message, component: name, volume });
    return error;
  }
}

function checkedVolume({ volume }: ManifestSource): string {
  if (!/[/\0]/u.test(volume) && volume !== '.' && volume !== '..') return volume;
  throw new AppError(
    'damaged',
    'The backup names a source as no folder can be called. Restore another backup.',
  );
}

/** A database that was damaged when it was copied is given out as it is: that is what one needs to rescue rows. */
async function validate(
  run: RestoreRun,
  staging: Staging,
  source: ManifestSource,
  folder: string,
): Promise<void> {
  const handler = run.context.registry.find(source.component);
  if (handler === undefined || run.selection.paths.has(sourceText(source))) return;
  const problems = await handler.validateSource(source, folder, staging.signal);
  if (problems.length === 0) return;
  if (damageAtSource(source) === undefined) throw invalidSource(source, problems);
  const message = `${sourceWords(sourceText(source), source.agents)} was already damaged when it was copied, and is given out as it is.`;
  staging.warnings.add({ code: 'damaged-at-source', message, component: source.component });
}
