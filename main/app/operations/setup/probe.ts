import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { AppError, hasCode } from '../../../../shared/lib/app-error.ts';
import { findEngine } from '../../../trinity/docker/find-engine.ts';
import { folderSize } from '../../../trinity/volume-store.ts';
import { deviceKeyProblem } from '../../home/device-key.ts';
import { operation, type OperationOptions } from '../../operation.ts';
import { installLook, installQuestion } from '../install.ts';
import type { InstallReport } from '../install/install-report.ts';
import type { Engine } from '../../engine.ts';

type Question = z.infer<typeof installQuestion>;

export type DockerProbe = Readonly<{
  state: 'answers' | 'refused' | 'absent' | 'failed';
  words: string;
  /** What gives this user the right to use Docker, and what that allows. */
  mend: Readonly<{ command: string; allows: string }> | null;
}>;

export type SetupProbe = Readonly<{
  docker: DockerProbe;
  report: InstallReport | null;
  /** Why there is no report. */
  problem: string | null;
  environment: 'readable' | 'unreadable' | 'missing' | null;
  /** `/data` with the database; null where it is not known, or takes too long to count. */
  dataBytes: number | null;
  /** Why the key of a new vault could not be kept here; null: it could. */
  keyProblem: string | null;
}>;

const sizeLimitMs = 15_000;

const joinDocker = {
  command: 'sudo usermod -aG docker "$USER"',
  allows:
    'Members of this group may do anything on this machine through Docker. It counts from the next login on; start Trinity Backup again then.',
};

const noDocker = 'No Docker engine answers on this machine. Start Docker, then check again.';

/** What is on this machine, also when it is not enough to begin. Sets nothing. */
export const setupProbe = operation(
  installQuestion,
  async (engine, question, options): Promise<SetupProbe> => {
    const docker = await probeDocker(question, options.signal);
    const { report, problem } = await lookFor(engine, question, options);
    return {
      docker,
      report,
      problem,
      environment: report === null ? null : await environmentOf(report.folder),
      dataBytes: report === null ? null : await dataBytesOf(report, options.signal),
      keyProblem: await deviceKeyProblem(engine.home),
    };
  },
);

async function probeDocker({ dockerHost, docker }: Question, signal: AbortSignal): Promise<DockerProbe> {
  try {
    const { why } = await findEngine({ dockerHost, ...docker }, signal);
    return { state: 'answers', words: why, mend: null };
  } catch (error) {
    if (!(error instanceof AppError) || signal.aborted) throw error;
    const { message: words, details } = error;
    if (details['engineForbidden'] === true) return { state: 'refused', words, mend: joinDocker };
    if (details['engineAbsent'] === true) return { state: 'absent', words: noDocker, mend: null };
    return { state: 'failed', words: inPageWords(words), mend: null };
  }
}

async function lookFor(
  engine: Engine,
  question: Question,
  options: OperationOptions,
): Promise<Pick<SetupProbe, 'report' | 'problem'>> {
  try {
    return { report: await installLook.run(engine, question, options), problem: null };
  } catch (error) {
    if (!(error instanceof AppError) || options.signal.aborted) throw error;
    const { places } = error.details;
    // The folder has a field there, and what Docker says a line of its own.
    const problem =
      typeof places === 'string'
        ? `No Trinity install was found in Docker, nor in ${places}: name its folder below.`
        : inPageWords(error.message);
    return { report: null, problem };
  }
}

/** What the command line has options for has fields below. */
function inPageWords(message: string): string {
  return message.replaceAll(/ with (?:install )?--[a-z-]+(?: or --[a-z-]+)?/g, ' below');
}

async function environmentOf(folder: string): Promise<'readable' | 'unreadable' | 'missing'> {
  try {
    await access(path.join(folder, '.env'), constants.R_OK);
    return 'readable';
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 'missing';
    if (hasCode(error, 'EACCES', 'EPERM')) return 'unreadable';
    throw error;
  }
}

async function dataBytesOf(
  { dataAccess, dataFolder }: InstallReport,
  signal: AbortSignal,
): Promise<number | null> {
  if (dataAccess.mode !== 'host') return null;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(sizeLimitMs)]);
  try {
    return (await folderSize(dataFolder, limit)).bytes;
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return null;
    throw error;
  }
}
