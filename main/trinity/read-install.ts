import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import { findData, type VolumePlace } from './data-location.ts';
import type { VolumeFacts } from './docker/engine-facts.ts';
import { parseEnv } from './env-file.ts';
import { folderAccess } from './folder-access.ts';
import { fetchFile } from './helper/fetch-file.ts';
import type { TrinityInstall } from './install.ts';
import { askEngine, requireSameInstall, withPostgresContainer, type AskedEngine } from './install-engine.ts';
import { readSmallFile, unreadable } from './small-file.ts';
import { volumeAccess, volumeFolder, type AccessPreference } from './volumes/volume-access.ts';

const maxEnvBytes = 1024 * 1024;
const environmentName = '.env';
const maxVersionBytes = 4096;
const composeName = /^(?:docker-)?compose(?:\.[A-Za-z0-9_-]+)*\.ya?ml$/u;

export type InstallQuestion = Readonly<{
  folder: string;
  volumesRoot?: string | undefined;
  /** The address of the engine that serves it; without one all is read from folders. */
  dockerHost?: string | undefined;
  volumeAccess?: AccessPreference | undefined;
}>;

/**
 * Reads an install anew. Works while its database or data are missing, so that they can be restored; `installProblems` names what
 * is. Rejects with an `AppError` whose sentence says what to do: no install there, two stores that both hold a database, unreadable,
 * an engine that does not answer or serves another install.
 */
export async function readInstall(
  given: InstallQuestion,
  signal: AbortSignal = new AbortController().signal,
): Promise<TrinityInstall> {
  const folder = resolve(given.folder);
  await requireFolder(folder, 'the folder of the Trinity checkout, the one that holds .env');
  const givenRoot = given.volumesRoot === undefined ? undefined : resolve(given.volumesRoot);
  if (givenRoot !== undefined) {
    await requireFolder(givenRoot, "the folder that holds Docker's volumes as <volume>/_data");
  }
  const asked = given.dockerHost === undefined ? undefined : await askEngine(given.dockerHost, signal);
  await requireSameInstall(folder, asked?.backend);
  const env = parseEnv((await readEnvironment(folder, given.dockerHost, signal)) ?? '');
  const names = await projectNames(folder, env);
  const running = asked?.backend?.projectName;
  const data = await findData({
    folder,
    env,
    projectNames: running === undefined ? names : [running],
    backend: asked?.backend,
    hasEngine: asked !== undefined,
    findVolume: async (volume) =>
      await findVolume({ ...given, volumesRoot: givenRoot }, asked, { volume, signal }),
  });
  const { database, projectName } = data;
  return {
    folder,
    envFile: join(folder, environmentName),
    folderAccess: await folderAccess(folder, asked !== undefined),
    env,
    version: await readVersion(folder),
    form: formOf({ dataVolume: data.dataVolume, env, composeFiles: asked?.backend?.composeFiles ?? [] }),
    engine: asked?.engine,
    volumesRoot: givenRoot ?? (await ownVolumesRoot(asked)),
    ...data,
    database:
      asked === undefined
        ? database
        : await withPostgresContainer(database, { client: asked.client, projectName }, signal),
  };
}

/** Its bytes, by a container where this user may not read it; undefined when it is not there. */
export async function readEnvironment(
  folder: string,
  dockerHost: string | undefined,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const text = await environmentText(folder, dockerHost, signal);
  if (text === undefined && (await listComposeFiles(folder)).length === 0) {
    throw new AppError(
      'not-found',
      `${folder} holds neither .env nor a compose file, so it is no Trinity install. Name the folder of the checkout.`,
    );
  }
  return text;
}

async function environmentText(
  folder: string,
  host: string | undefined,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  try {
    return await readSmallFile(join(folder, environmentName), maxEnvBytes);
  } catch (error) {
    if (host === undefined || !(error instanceof AppError && hasCode(error.cause, 'EACCES'))) throw error;
    return await closedEnvironment(folder, host, signal);
  }
}

/** What a container has read last of each checkout, by what the file was then: whoever looks often must not start one each time. */
const fetched = new Map<string, Readonly<{ seen: string; text: Buffer | undefined }>>();

async function closedEnvironment(
  folder: string,
  host: string,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const seen = await looksOf(join(folder, environmentName), host);
  const known = fetched.get(folder);
  if (seen !== undefined && known?.seen === seen) return known.text;
  const text = await fetchFile({ host, folder, name: environmentName, maxBytes: maxEnvBytes, signal });
  if (seen !== undefined) fetched.set(folder, { seen, text });
  return text;
}

/** What tells whether a file has changed; undefined for a link to where this user may not look. */
async function looksOf(file: string, host: string): Promise<string | undefined> {
  try {
    const { ino, size, ctimeNs } = await stat(file, { bigint: true });
    return [host, ino, size, ctimeNs].map(String).join(' ');
  } catch (error) {
    if (hasCode(error, 'EACCES')) return undefined;
    throw error;
  }
}

/** Where a volume lies: by the engine where there is one, else below the folder that was named. */
async function findVolume(
  { volumesRoot, volumeAccess: preference = 'auto' }: InstallQuestion,
  asked: AskedEngine | undefined,
  { volume, signal }: Readonly<{ volume: string; signal: AbortSignal }>,
): Promise<VolumePlace | undefined> {
  const again = async (): Promise<VolumeFacts | undefined> =>
    await asked?.client.inspectVolume(volume, signal);
  const facts = await again();
  if (asked !== undefined && facts !== undefined) {
    const { engine } = asked;
    const access = await volumeAccess(facts, { engine, preference, givenRoot: volumesRoot, again });
    return { folder: volumeFolder(facts, volumesRoot), access };
  }
  if (volumesRoot === undefined) return undefined;
  const folder = join(volumesRoot, volume, '_data');
  return { folder, access: { mode: 'host', reason: `Its folder is in ${volumesRoot}.` } };
}

/** The engine's own folder of volumes, where root may work in it. */
async function ownVolumesRoot(asked: AskedEngine | undefined): Promise<string | undefined> {
  if (asked === undefined || !asked.engine.sharesKernel || process.getuid?.() !== 0) return undefined;
  return (await exists(asked.engine.volumesFolder)) ? asked.engine.volumesFolder : undefined;
}

/** By what `/data` is, and for a folder by the compose file in use, or what only the hosted stack has in `.env`. */
function formOf(
  seen: Pick<TrinityInstall, 'dataVolume' | 'env'> & Readonly<{ composeFiles: readonly string[] }>,
): TrinityInstall['form'] {
  if (seen.dataVolume !== undefined) return 'dev';
  if (seen.composeFiles.length > 0)
    return seen.composeFiles.some((file) => basename(file).includes('hosted')) ? 'hosted' : 'prod';
  return (seen.env.get('TRINITY_IMAGE_TAG') ?? '') === '' ? 'prod' : 'hosted';
}

/** What an install lacks, as sentences for people; empty when all is there. */
export async function installProblems(install: TrinityInstall): Promise<readonly string[]> {
  const problems: string[] = [];
  if (!(await exists(install.envFile))) {
    problems.push(`${install.envFile} is missing: without it no credential in a backup can ever be opened.`);
  }
  if (install.dataAccess.mode !== 'host') {
    if (install.dataAccess.mode === 'none')
      problems.push(`The data of Trinity cannot be read. ${install.dataAccess.reason}`);
  } else if (!(await exists(install.dataFolder))) {
    problems.push(
      `${install.dataFolder} is missing. Check TRINITY_DATA_PATH in .env, or that its disk is mounted.`,
    );
  } else if (install.databaseFile !== undefined && !(await exists(install.databaseFile))) {
    problems.push(`${install.databaseFile} is missing: there is no database to back up.`);
  }
  if (install.volumesRoot === undefined && install.engine === undefined) {
    problems.push(
      'No Docker engine and no folder with volumes is set, so no agent can be backed up. Name one with --docker-host or --volumes-root.',
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
