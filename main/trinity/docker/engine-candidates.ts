import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readSmallFile } from '../small-file.ts';
import { hasCode } from '../../../shared/lib/app-error.ts';

/** A place where an engine may listen, and where we know it from, for people. */
export type EngineCandidate = Readonly<{
  host: string;
  source: string;
  /** Set by the operator for this very session: it is taken before all others that hold Trinity too. */
  isExplicit: boolean;
}>;

/** What the machine says of its engines. */
export type EngineSurroundings = Readonly<{
  env: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  home: string;
  uid: number;
  /** Name of the context that the docker command uses; undefined for its default. */
  currentContext: string | undefined;
  contexts: readonly Readonly<{ name: string; host: string }>[];
}>;

const maxFileBytes = 1024 * 1024;
const maxContexts = 100;
const configShape = z.object({ currentContext: z.string().optional() });
const contextShape = z.object({
  Name: z.string(),
  Endpoints: z.object({ docker: z.object({ Host: z.string() }) }),
});

/** Places to look for an engine, likely first, each once: as the docker command would, then where installers put sockets. */
export function engineCandidates(around: EngineSurroundings): readonly EngineCandidate[] {
  const { env, home } = around;
  const named = (name: string): string | undefined =>
    around.contexts.find((context) => context.name === name)?.host;
  const wanted = [
    explicit(env['DOCKER_HOST'], 'DOCKER_HOST'),
    explicit(
      named(env['DOCKER_CONTEXT'] ?? ''),
      `the context ${env['DOCKER_CONTEXT'] ?? ''} of DOCKER_CONTEXT`,
    ),
    usual(named(around.currentContext ?? ''), `the current context ${around.currentContext ?? ''}`),
    ...systemSockets(around),
    usual(inFolder(env['XDG_RUNTIME_DIR'] ?? `/run/user/${String(around.uid)}`), 'the rootless engine'),
    usual(inFolder(join(home, '.docker/run')), 'Docker Desktop'),
    usual(inFolder(join(home, '.docker/desktop')), 'Docker Desktop'),
    ...around.contexts.map(({ name, host }) => usual(host, `the context ${name}`)),
  ];
  const unique = new Map<string, EngineCandidate>();
  for (const candidate of wanted) {
    if (candidate !== undefined && !unique.has(candidate.host)) unique.set(candidate.host, candidate);
  }
  return [...unique.values()];
}

/** Reads what the docker command has of contexts; what cannot be read says nothing. */
export async function readSurroundings(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): Promise<EngineSurroundings> {
  const folder = env['DOCKER_CONFIG'] ?? join(home, '.docker');
  const config = configShape.safeParse(await readJson(join(folder, 'config.json')));
  return {
    env,
    home,
    platform: process.platform,
    uid: process.getuid?.() ?? 0,
    currentContext: config.data?.currentContext,
    contexts: await readContexts(join(folder, 'contexts/meta')),
  };
}

function explicit(host: string | undefined, source: string): EngineCandidate | undefined {
  return host === undefined || host === '' ? undefined : { host, source, isExplicit: true };
}

function usual(host: string | undefined, source: string): EngineCandidate | undefined {
  return host === undefined || host === '' ? undefined : { host, source, isExplicit: false };
}

function inFolder(folder: string): string {
  return `unix://${join(folder, 'docker.sock')}`;
}

function systemSockets({ platform }: EngineSurroundings): readonly (EngineCandidate | undefined)[] {
  return platform === 'win32'
    ? [usual('npipe:////./pipe/docker_engine', 'the pipe of Docker')]
    : [usual('unix:///var/run/docker.sock', 'the socket of the system')];
}

async function readContexts(folder: string): Promise<EngineSurroundings['contexts']> {
  const found: { name: string; host: string }[] = [];
  for (const name of (await namesIn(folder)).slice(0, maxContexts)) {
    const context = contextShape.safeParse(await readJson(join(folder, name, 'meta.json')));
    if (context.success) found.push({ name: context.data.Name, host: context.data.Endpoints.docker.Host });
  }
  return found;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM')) return [];
    throw error;
  }
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse((await readSmallFile(file, maxFileBytes))?.toString('utf8') ?? 'null');
  } catch {
    // These files are the docker command's. One that is damaged or closed to us names no engine, and others are tried.
    return undefined;
  }
}
