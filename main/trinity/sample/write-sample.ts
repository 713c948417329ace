import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import { agentVolumeLabels, parseAgentVolumeName } from '../volume-name.ts';
import { writeSampleCheckout } from './sample-checkout.ts';
import { writeSampleData } from './sample-data.ts';
import { giveToTrinity, makeFolder, writeText } from './sample-files.ts';
import { writeSampleRepository } from './sample-git.ts';
import { writeOddities } from './sample-oddities.ts';
import { sampleOtherVolumes, sampleVolumes, type SampleSize } from './sample-plan.ts';
import { SampleRandom } from './sample-random.ts';
import {
  readmeOf,
  writeAgentDatabase,
  writeContent,
  writeHome,
  writeNotes,
  writeRebuildable,
  type SampleWorkspace,
} from './sample-workspace.ts';

export type SampleOptions = Readonly<{
  size: SampleSize;
  /** The same seed makes the same content. */
  seed: string;
  /** `volume` keeps `/data` in the volume `trinity_trinity-data`, as the development stack does. */
  flavour?: 'bind' | 'volume';
}>;

export type SampleInstall = Readonly<{ installFolder: string; volumesRoot: string }>;

/**
 * Writes a miniature Trinity install: `<folder>/trinity` (checkout and `/data`) and `<folder>/volumes` (Docker's on-disk layout).
 * Some ten megabytes when small, some hundred when large. `folder` is made; one that holds anything is refused.
 */
export async function writeSampleInstall(folder: string, options: SampleOptions): Promise<SampleInstall> {
  const base = resolve(folder);
  await requireEmpty(base);
  const random = new SampleRandom(options.seed);
  const keyHex = random.hex('CREDENTIAL_ENCRYPTION_KEY', 32);
  const [installFolder, volumesRoot] = [join(base, 'trinity'), join(base, 'volumes')];
  await mkdir(volumesRoot, { mode: 0o755 });
  writeSampleCheckout(installFolder, random, keyHex);
  for (const { name, labelled } of sampleVolumes) {
    const parsed = parseAgentVolumeName(name);
    const labels = labelled && parsed !== undefined ? agentVolumeLabels(parsed) : {};
    const data = makeVolume(volumesRoot, name, labels);
    const workspace = { folder: data, agent: parsed?.base ?? name, size: options.size, random, keyHex };
    giveToTrinity(data, fillVolume(name, workspace));
  }
  for (const name of sampleOtherVolumes) {
    writeText(join(makeVolume(volumesRoot, name, {}), 'content'), `of ${name}\n`);
  }
  const dataFolder =
    options.flavour === 'volume'
      ? makeVolume(volumesRoot, 'trinity_trinity-data', {})
      : join(installFolder, 'trinity-data');
  writeSampleData({ folder: dataFolder, size: options.size, random, keyHex });
  return { installFolder, volumesRoot };
}

/** As `createVolume` makes it, without its syncs: a sample that a power cut hit is made again. */
function makeVolume(root: string, name: string, labels: Readonly<Record<string, string>>): string {
  const folder = join(root, name, '_data');
  makeFolder(folder);
  writeText(join(root, name, 'meta.json'), `${JSON.stringify({ labels }, null, 2)}\n`, 0o600);
  return folder;
}

async function requireEmpty(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    if ((await readdir(folder)).length === 0) return;
  } catch (error) {
    if (!hasCode(error, 'EEXIST', 'ENOTDIR')) throw error;
    throw new AppError('refused', `${folder} is no folder. Name a new or an empty one.`, { cause: error });
  }
  throw new AppError('refused', `${folder} is not empty. Name a new or an empty folder for the sample.`);
}

/** Fills one volume and returns the paths in it that stay root's. */
function fillVolume(name: string, workspace: SampleWorkspace): ReadonlySet<string> {
  const { folder, random } = workspace;
  if (!name.endsWith('-workspace')) {
    writeText(join(folder, 'report.md'), random.text(`${name} report`, 3000));
    writeText(join(folder, 'tables/prices.csv'), random.text(`${name} prices`, 8000));
    return new Set();
  }
  writeHome(workspace);
  if (workspace.agent === 'writer') writeNotes(workspace);
  if (workspace.agent === 'scout') writeAgentDatabase(workspace);
  if (workspace.agent !== 'echo') return new Set();
  writeSampleRepository(folder, random, readmeOf(workspace));
  writeRebuildable(workspace);
  writeContent(workspace);
  writeAgentDatabase(workspace);
  return writeOddities(folder);
}
