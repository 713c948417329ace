import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode } from '../../../../shared/lib/app-error.ts';
import { findEngine, type FoundEngine } from '../../../trinity/docker/find-engine.ts';
import { readBackend } from '../../../trinity/docker/trinity-containers.ts';
import { installEngine } from '../../../trinity/install-engine.ts';
import { readInstall } from '../../../trinity/read-install.ts';

export type FindQuestion = Readonly<{
  folder?: string | undefined;
  volumesRoot?: string | undefined;
  dockerHost?: string | undefined;
  lookIn: readonly string[];
  docker: Readonly<{ env: Readonly<Record<string, string>>; home: string }>;
}>;

export type FoundInstall = Readonly<{
  folder: string;
  engine: FoundEngine | undefined;
  /** Why no engine serves it, or why this one does. */
  why: string;
}>;

type Engines = Readonly<{ engine: FoundEngine | undefined; why: string; failure: AppError | undefined }>;

/** The install that was named, else that of Docker's `trinity-backend`, else one in the usual places. */
export async function findInstall(question: FindQuestion, signal: AbortSignal): Promise<FoundInstall> {
  const { engine, why, failure } = await enginesFor(question, signal);
  if (question.folder !== undefined) return { folder: question.folder, engine, why };
  if (engine?.hasTrinity === true) {
    const folder = (await readBackend(engine.engine, signal))?.folder;
    if (folder !== undefined) return { folder, engine, why };
    const message = `The Trinity of ${engine.engine.host} does not say where its checkout is. Name its folder with --path.`;
    throw new AppError('not-found', message);
  }
  const folder = await usualFolder(question.lookIn);
  if (folder !== undefined) return { folder, engine, why };
  const places = question.lookIn.join(', ');
  const said = failure === undefined ? why : failure.message;
  throw new AppError(
    'not-found',
    `No Trinity install was found in Docker, nor in ${places}: name its folder with --path. (${said})`,
    { details: { places } },
  );
}

/** An engine that was named has to answer; else one that does not is told, and folders are read without it. */
export async function enginesFor(
  question: Pick<FindQuestion, 'dockerHost' | 'volumesRoot' | 'docker'>,
  signal: AbortSignal,
): Promise<Engines> {
  const { dockerHost, volumesRoot, docker } = question;
  try {
    const engine = await findEngine({ dockerHost, ...docker }, signal);
    if (
      dockerHost === undefined &&
      volumesRoot !== undefined &&
      !(await keepsVolumesIn(engine, volumesRoot))
    ) {
      const why = `${engine.engine.host} keeps its volumes elsewhere than in ${volumesRoot}, so it is not asked.`;
      return { engine: undefined, why, failure: undefined };
    }
    return { engine, why: engine.why, failure: undefined };
  } catch (error) {
    const isMinor = error instanceof AppError && (error.kind !== 'refused' || volumesRoot !== undefined);
    if (dockerHost !== undefined || !isMinor || signal.aborted) throw error;
    return { engine: undefined, why: error.message, failure: error };
  }
}

async function keepsVolumesIn({ engine, facts }: FoundEngine, volumesRoot: string): Promise<boolean> {
  const { volumesFolder, sharesKernel } = installEngine(engine.host, facts);
  if (!sharesKernel) return false;
  try {
    return (await realpath(volumesFolder)) === (await realpath(path.resolve(volumesRoot)));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return false;
    throw error;
  }
}

async function usualFolder(lookIn: readonly string[]): Promise<string | undefined> {
  for (const candidate of lookIn) {
    try {
      return (await readInstall({ folder: candidate })).folder;
    } catch (error) {
      if (!(error instanceof AppError) || !['not-found', 'unavailable'].includes(error.kind)) throw error;
    }
  }
  return undefined;
}
