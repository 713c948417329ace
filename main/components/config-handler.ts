import { lstat, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import { countText } from '../../shared/lib/size-text.ts';
import type { ManifestSource } from '../../shared/model/manifest.ts';
import { isThere } from '../platform/atomic-file.ts';
import { pathText } from '../platform/path-text.ts';
import { mergeEnv } from '../trinity/env-file.ts';
import { realPlace, type RealPlace } from '../trinity/helper/real-place.ts';
import { listComposeFiles, readEnvironment } from '../trinity/read-install.ts';
import { checkoutOf, closedFile, isClosed, linkIn, targetOfLink, warnOfLink } from './config-links.ts';
import { readTracked } from './config-tracked.ts';
import type {
  BackupContext,
  ComponentHandler,
  HelperFiles,
  RestoreContext,
  Swap,
} from './component-handler.ts';

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
  const follow = await followedLinks(context, wanted);
  const tracked = await readTracked(folder, only, context.signal);
  const unedited = tracked?.unedited.slice(0, maxTrackedFacts) ?? [];
  const facts = tracked === undefined ? {} : { commit: tracked.commit, unedited };
  const place = isClosed(context.install)
    ? { helper: { ...checkoutOf(context.install), follow } }
    : { root: folder, follow: wanted };
  return [await context.capture({ volume: '', agents: [], ...place, exclude: [], only, facts })];
}

function warnOfEnvironment(context: BackupContext): void {
  const message = `${context.install.envFile} is missing: without its keys no credential in this backup can be opened.`;
  context.warn({ code: 'env-missing', message, component, path: environment });
}

type Followed = RealPlace & Readonly<{ name: string }>;

/** A link alone would be worth nothing on another machine: what it leads to is backed up, and told. */
async function followedLinks(context: BackupContext, names: readonly string[]): Promise<readonly Followed[]> {
  const { folder } = context.install;
  const followed: Followed[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    const target = await targetOfLink(file);
    if (target === undefined) continue;
    if (await isFile(context, name)) {
      const message = `${file} is a link to ${target}: this backup holds that file in its place.`;
      context.note({ code: 'link-followed', message, component, path: name });
      const place = await realPlace(folder, name);
      if (place !== undefined) followed.push({ ...place, name });
      continue;
    }
    const message = `${file} is a link to ${target}, where no file is: only the link is in this backup.`;
    context.warn({ code: 'link-dangling', message, component, path: name });
  }
  return followed;
}

/** Whether a name in the checkout leads to a file. What cannot be looked at is as good as not there. */
async function isFile({ install, signal }: BackupContext, name: string): Promise<boolean> {
  if (!isClosed(install)) {
    const found = await stat(path.join(install.folder, name)).catch(() => undefined);
    return found?.isFile() === true;
  }
  try {
    return (await closedFile(install, name, signal)) !== undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AppError && error.kind === 'failed') return false;
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

/** `.env`, which is merged, and what is a link there are staged here first; all else goes as it is. */
async function restoreByHelper(source: ManifestSource, context: RestoreContext): Promise<void> {
  const { install } = context;
  const place = { live: checkoutOf(install), hasLive: true };
  const paths = await operatorFiles(source, context);
  const own: Buffer[] = [];
  const others: Buffer[] = [];
  for (const bytes of paths) {
    const isOwn = bytes.toString() === environment || (await linkIn(install, bytes)) !== undefined;
    (isOwn ? own : others).push(bytes);
  }
  if (others.length > 0) await context.stageByHelper(source, place, others);
  if (own.length === 0) return;
  const tree = path.join(await context.openPrivateFolder(), 'staged');
  await context.stage(source, tree, own);
  if (own.some((bytes) => bytes.toString() === environment)) await mergeStaged(tree, context);
  const files: HelperFiles['files'][number][] = [];
  for (const name of own) {
    const file = path.join(tree, name.toString());
    const entry = await (await context.openListing(source)).entry(name);
    if (entry === undefined) continue;
    if (!(await lstat(file)).isFile()) {
      const message = `${name.toString()} is a link in this backup, and was not restored. Restore it into a folder (--to).`;
      context.warn({ code: 'link-not-restored', message, component, path: name.toString() });
    } else if (!(await keepsClosedLink({ name, file }, context)))
      files.push({ name, file, meta: entry.stat });
  }
  if (files.length > 0)
    context.stageFilesByHelper(source, place, { files, gives: files.map(({ name }) => name) });
}

async function keepsClosedLink(
  staged: Readonly<{ name: Buffer; file: string }>,
  context: RestoreContext,
): Promise<boolean> {
  const target = await linkIn(context.install, staged.name);
  if (target === undefined) return false;
  const name = staged.name.toString();
  const now = await closedFile(context.install, name, context.signal);
  if (now?.equals(await readFile(staged.file)) === true) return true;
  warnOfLink({ name, target }, context);
  return false;
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
  warnOfLink({ name, target }, context);
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
