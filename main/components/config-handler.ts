import { lstat, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import { countText } from '../../shared/lib/size-text.ts';
import type { ManifestSource } from '../../shared/model/manifest.ts';
import { isThere } from '../platform/atomic-file.ts';
import { pathText } from '../platform/path-text.ts';
import { mergeEnv } from '../trinity/env-file.ts';
import type { HelperTarget } from '../trinity/helper/volume-helpers.ts';
import type { TrinityInstall } from '../trinity/install.ts';
import { listComposeFiles, readEnvironment } from '../trinity/read-install.ts';
import { readTracked } from './config-tracked.ts';
import type { BackupContext, ComponentHandler, RestoreContext, Swap } from './component-handler.ts';

const component = 'config';
const environment = '.env';
const version = 'VERSION';
const settingsFolder = 'config';
const maxTrackedFacts = 10_000;

const trackedFacts = z.object({ unedited: z.array(z.string()).default([]) });

async function backup(context: BackupContext): Promise<readonly ManifestSource[]> {
  const { folder } = context.install;
  const composeFiles = await listComposeFiles(folder);
  const wanted = [environment, version, 'deploy.config', settingsFolder, ...composeFiles];
  const only: string[] = [];
  for (const name of wanted) if (await isThere(path.join(folder, name))) only.push(name);
  if (!only.includes(environment)) warnOfEnvironment(context);
  for (const name of wanted) await tellOfLink(context, name);
  const tracked = await readTracked(folder, only, context.signal);
  const unedited = tracked?.unedited.slice(0, maxTrackedFacts) ?? [];
  const facts = tracked === undefined ? {} : { commit: tracked.commit, unedited };
  // Links are followed only where this process reads: a container has nothing but the folder.
  const place = isClosed(context.install)
    ? { helper: checkoutOf(context.install) }
    : { root: folder, follow: wanted };
  return [await context.capture({ volume: '', agents: [], ...place, exclude: [], only, facts })];
}

function warnOfEnvironment(context: BackupContext): void {
  const message = `${context.install.envFile} is missing: without its keys no credential in this backup can be opened.`;
  context.warn({ code: 'env-missing', message, component, path: environment });
}

/** A link alone would be worth nothing on another machine. */
async function tellOfLink(context: BackupContext, name: string): Promise<void> {
  const file = path.join(context.install.folder, name);
  const target = await targetOfLink(file);
  if (target === undefined) return;
  // What cannot be looked at is as good as not there.
  if ((await stat(file).catch(() => undefined))?.isFile() === true) {
    const message = `${file} is a link to ${target}: this backup holds that file in its place.`;
    context.note({ code: 'link-followed', message, component, path: name });
    return;
  }
  const message = `${file} is a link to ${target}, where no file is: only the link is in this backup.`;
  context.warn({ code: 'link-dangling', message, component, path: name });
}

async function targetOfLink(file: string): Promise<string | undefined> {
  try {
    return await readlink(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EINVAL')) return undefined;
    throw error;
  }
}

/**
 * In place only `.env` (merged: what belongs to the host stays) and what the operator wrote are put back; what belongs to
 * Trinity's own release is written into a new install only.
 */
async function restore(
  sources: readonly ManifestSource[],
  context: RestoreContext,
): Promise<readonly Swap[]> {
  const swaps: Swap[] = [];
  for (const source of sources) {
    if (isClosed(context.install)) {
      await restoreByHelper(source, context);
      continue;
    }
    const paths = context.isNewInstall
      ? await topNames(source, context)
      : await operatorFiles(source, context);
    const target = { live: context.install.folder, way: 'inside' } as const;
    const staged = await context.stagePaths(source, target, paths);
    if (paths.some((bytes) => bytes.toString() === environment)) await mergeStaged(staged.tree, context);
    for (const swap of staged.swaps) if (!(await keepsLink(swap, context))) swaps.push(swap);
  }
  return swaps;
}

/** Of another user: only a container may read and write all of it. */
function isClosed({ folderAccess }: TrinityInstall): boolean {
  return folderAccess.mode === 'helper';
}

function checkoutOf({ folder }: TrinityInstall): HelperTarget {
  return { kind: 'bind', source: folder, containers: [] };
}

/** `.env` is staged here, where it is merged; all else goes as it is. */
async function restoreByHelper(source: ManifestSource, context: RestoreContext): Promise<void> {
  const place = { live: checkoutOf(context.install), hasLive: true };
  const paths = await operatorFiles(source, context);
  const isEnvironment = (bytes: Buffer): boolean => bytes.toString() === environment;
  const others = paths.filter((bytes) => !isEnvironment(bytes));
  if (others.length > 0) await context.stageByHelper(source, place, others);
  const name = paths.find(isEnvironment);
  const entry = name === undefined ? undefined : await (await context.openListing(source)).entry(name);
  if (name === undefined || entry === undefined) return;
  const tree = path.join(await context.openPrivateFolder(), 'staged');
  await context.stage(source, tree, [name]);
  await mergeStaged(tree, context);
  const file = { name, file: path.join(tree, environment), meta: entry.stat };
  context.stageFilesByHelper(source, place, { files: [file], gives: [name] });
}

/** A live link to the very content stays; one to anything else gives way to the file, and what it leads to is never written. */
async function keepsLink({ live, staged }: Swap, context: RestoreContext): Promise<boolean> {
  const name = live.path.toString();
  const file = path.join(live.root, name);
  const target = await targetOfLink(file);
  if (target === undefined || staged === undefined) return false;
  const stagedFile = path.join(staged.root, staged.path.toString());
  if (!(await lstat(stagedFile)).isFile()) return false;
  const now = await readIfThere(file);
  if (now?.equals(await readFile(stagedFile)) === true) return true;
  const message = `${file} was a link to ${target}, and is a file now; ${target} stays as it is.`;
  context.warn({ code: 'link-replaced', message, component, path: name });
  return false;
}

async function topNames(source: ManifestSource, context: RestoreContext): Promise<readonly Buffer[]> {
  const listing = await context.openListing(source);
  const names: Buffer[] = [];
  for await (const entry of listing.children(Buffer.alloc(0))) names.push(entry.path);
  return names;
}

async function operatorFiles(source: ManifestSource, context: RestoreContext): Promise<readonly Buffer[]> {
  const facts = trackedFacts.safeParse(source.facts);
  const released = new Set([version, ...(facts.success ? facts.data.unedited : [])]);
  const listing = await context.openListing(source);
  const asked = context.pathsOf(source) ?? [Buffer.alloc(0)];
  const files: Buffer[] = [];
  let skipped = 0;
  for (const prefix of asked) {
    for await (const entry of listing.entries(prefix)) {
      if (entry.kind === 'folder') continue;
      if (released.has(entry.path.toString())) skipped += 1;
      else files.push(entry.path);
    }
  }
  if (skipped > 0) {
    const message = `Files that belong to the release of Trinity stay as they are: ${countText(skipped)}.`;
    context.note({ code: 'release-files-kept', message, component });
  }
  return files;
}

/** Our own copy in the work folder is rewritten; the live file is only read. */
async function mergeStaged(tree: string, context: RestoreContext): Promise<void> {
  const staged = path.join(tree, environment);
  if (!(await lstat(staged)).isFile()) return;
  const { folder, engine } = context.install;
  const live = isClosed(context.install)
    ? await readEnvironment(folder, engine?.host, context.signal)
    : await readIfThere(context.install.envFile);
  const backup = await readFile(staged);
  const merged = mergeEnv({ live, backup });
  // Only where it differs: else its time is that of the backup, too.
  if (!merged.content.equals(backup)) await writeFile(staged, merged.content, { flush: true });
  if (merged.kept.length > 0) {
    const message = `These values of .env belong to this host and stay as they are: ${merged.kept.join(', ')}.`;
    context.note({ code: 'env-kept', message, component, path: environment });
  }
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new AppError(
      'failed',
      `${pathText(Buffer.from(file))} cannot be read. Give this user the right to, then try again.`,
      {
        cause: error,
      },
    );
  }
}

export const configHandler: ComponentHandler = {
  component,
  backup,
  validateSource: async () => await Promise.resolve([]),
  restore,
};
