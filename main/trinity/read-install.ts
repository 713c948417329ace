import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import { findData } from './data-location.ts';
import { parseEnv } from './env-file.ts';
import type { TrinityInstall } from './install.ts';
import { readSmallFile, unreadable } from './small-file.ts';

const maxEnvBytes = 1024 * 1024;
const maxVersionBytes = 4096;
const composeName = /^(?:docker-)?compose(?:\.[A-Za-z0-9_-]+)*\.ya?ml$/u;

/**
 * Reads an install anew. Works while its database or data are missing, so that they can be restored; `installProblems` names what
 * is. Rejects with an `AppError` whose sentence says what to do: no install there, two stores that both hold a database, unreadable.
 */
export async function readInstall(
  given: Readonly<{ folder: string; volumesRoot?: string | undefined }>,
): Promise<TrinityInstall> {
  const folder = resolve(given.folder);
  await requireFolder(folder, 'the folder of the Trinity checkout, the one that holds .env');
  const volumesRoot = given.volumesRoot === undefined ? undefined : resolve(given.volumesRoot);
  if (volumesRoot !== undefined) {
    await requireFolder(volumesRoot, "the folder that holds Docker's volumes as <volume>/_data");
  }
  const envFile = join(folder, '.env');
  const envText = await readSmallFile(envFile, maxEnvBytes);
  if (envText === undefined && (await listComposeFiles(folder)).length === 0) {
    throw new AppError(
      'not-found',
      `${folder} holds neither .env nor a compose file, so it is no Trinity install. Name the folder of the checkout.`,
    );
  }
  const env = parseEnv(envText ?? '');
  const data = await findData({ folder, env, volumesRoot, projectNames: await projectNames(folder, env) });
  return { folder, envFile, env, volumesRoot, version: await readVersion(folder), ...data };
}

/** What an install lacks, as sentences for people; empty when all is there. */
export async function installProblems(install: TrinityInstall): Promise<readonly string[]> {
  const problems: string[] = [];
  if (!(await exists(install.envFile))) {
    problems.push(`${install.envFile} is missing: without it no credential in a backup can ever be opened.`);
  }
  if (!(await exists(install.dataFolder))) {
    problems.push(
      `${install.dataFolder} is missing. Check TRINITY_DATA_PATH in .env, or that its disk is mounted.`,
    );
  } else if (install.databaseFile !== undefined && !(await exists(install.databaseFile))) {
    problems.push(`${install.databaseFile} is missing: there is no database to back up.`);
  }
  if (install.volumesRoot === undefined) {
    problems.push(
      'No folder with volumes is set, so no agent can be backed up. Name it with --volumes-root.',
    );
  }
  return problems;
}

/** Names of the compose files in an install's folder, overlays included, sorted. */
export async function listComposeFiles(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => composeName.test(entry.name) && !entry.isDirectory())
      .map((entry) => entry.name)
      .toSorted();
  } catch (error) {
    throw unreadable(folder, error);
  }
}

/** The project name that compose derives from a text: lower case, `[a-z0-9_-]`, no leading `_` or `-`. */
export function projectNameOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/gu, '')
    .replace(/^[_-]+/u, '');
}

/** Likely first: compose takes the folder's name as it was typed, which for a linked folder is not its real name. */
async function projectNames(folder: string, env: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const set = projectNameOf(env.get('COMPOSE_PROJECT_NAME') ?? '');
  if (set !== '') return [set];
  const names = [projectNameOf(basename(folder)), projectNameOf(basename(await realpath(folder)))];
  return names.some((name) => name !== '') ? names.filter((name) => name !== '') : ['trinity'];
}

async function readVersion(folder: string): Promise<string | undefined> {
  const text = (await readSmallFile(join(folder, 'VERSION'), maxVersionBytes))?.toString('utf8') ?? '';
  const [line = ''] = text.trim().split(/\r?\n/u);
  return /^[\w.+-]{1,64}$/u.test(line) ? line : undefined;
}

async function requireFolder(folder: string, whatItIs: string): Promise<void> {
  try {
    if ((await stat(folder)).isDirectory()) {
      // Listing needs more rights than looking: told here, not in the middle of a backup.
      await readdir(folder);
      return;
    }
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw unreadable(folder, error);
    throw new AppError('unavailable', `${folder} is not there. Name ${whatItIs}, or mount its disk.`, {
      cause: error,
    });
  }
  throw new AppError('unavailable', `${folder} is no folder. Name ${whatItIs}.`);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw unreadable(path, error);
  }
}
