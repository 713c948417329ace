import { access as accessFile, constants, lstat, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from '../../../shared/lib/app-error.ts';
import type { VolumeFacts } from '../docker/engine-facts.ts';
import type { Access, InstallEngine } from '../install.ts';

/** What the operator wants: the way that works best, or one of the two for all volumes. */
export type AccessPreference = 'auto' | 'host' | 'helper';

export type AccessQuestion = Readonly<{
  engine: InstallEngine;
  preference: AccessPreference;
  /** Where the operator says that volumes lie; undefined: where the engine says. */
  givenRoot: string | undefined;
  /** Asks the engine again for the volume. */
  again: () => Promise<VolumeFacts | undefined>;
}>;

const rounds = 3;

/** Where a volume's content lies on the engine's host, or below the folder that the operator named. */
export function volumeFolder(volume: VolumeFacts, givenRoot: string | undefined): string {
  return givenRoot === undefined ? volume.mountpoint : join(givenRoot, volume.name, '_data');
}

/**
 * How a volume is reached. In its folder only where that is surely the volume: on this kernel, by root, plain, with the ids that
 * containers see, and as old as the engine says, since a folder of the same name may be another engine's.
 */
export async function volumeAccess(volume: VolumeFacts, question: AccessQuestion): Promise<Access> {
  const { preference, givenRoot } = question;
  if (preference === 'helper') return helper('The settings ask for helpers.');
  const against = whyNotHost(volume, question);
  if (against !== undefined && preference === 'auto') return helper(against);
  const folder = volumeFolder(volume, givenRoot);
  const closed = await whyNotReadable(folder);
  const foreign =
    closed === undefined && givenRoot === undefined && !(await isThisVolume(volume, question))
      ? `${folder} is not of this engine: it is older or younger than the volume.`
      : undefined;
  const problem = closed ?? foreign;
  if (problem === undefined) return { mode: 'host', reason: 'Its folder can be read here.' };
  return preference === 'host'
    ? { mode: 'none', reason: `${problem} The settings ask for folders.` }
    : helper(problem);
}

/** Whether volumes that an engine makes are folders here which may be written: on this kernel, by root, with the ids of containers. */
export function canWriteNewVolumes(engine: InstallEngine | undefined): boolean {
  return engine !== undefined && engine.sharesKernel && !engine.isRemapped && process.getuid?.() === 0;
}

function helper(reason: string): Access {
  return { mode: 'helper', reason };
}

function whyNotHost(volume: VolumeFacts, { engine, givenRoot }: AccessQuestion): string | undefined {
  if (volume.driver !== 'local') return `Its driver "${volume.driver}" keeps it elsewhere.`;
  // Then `_data` is empty but while a container uses it.
  const isMounted = ['type', 'device', 'o'].some((option) => (volume.options[option] ?? '') !== '');
  if (isMounted) return 'Docker mounts it from elsewhere while a container uses it.';
  if (givenRoot !== undefined) return undefined;
  if (!engine.sharesKernel) return 'Docker keeps it in a virtual machine.';
  if (engine.isRemapped)
    return 'This engine shifts user ids, so its folder bears others than the agents see.';
  if (process.getuid?.() !== 0) return "Only root may read all of Docker's folders.";
  return undefined;
}

async function whyNotReadable(folder: string): Promise<string | undefined> {
  try {
    await accessFile(folder, constants.R_OK | constants.X_OK);
    await readdir(dirname(folder));
    return undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return `${folder} is not there.`;
    if (hasCode(error, 'EACCES', 'EPERM')) return `${folder} may not be read by this user.`;
    throw error;
  }
}

/**
 * As a volume's age an engine tells the change time of its `_data`, others that of the folder around it, in whole seconds. A change
 * meanwhile is met by asking again.
 */
async function isThisVolume(volume: VolumeFacts, { again }: AccessQuestion): Promise<boolean> {
  let known: VolumeFacts | undefined = volume;
  for (let round = 0; round < rounds; round += 1) {
    if (known?.createdAt === undefined) return false;
    const told = Math.floor(Date.parse(known.createdAt) / 1000);
    const places = [known.mountpoint, dirname(known.mountpoint)];
    const changed = await Promise.all(places.map(async (place) => (await lstat(place)).ctimeMs));
    if (changed.some((time) => Math.floor(time / 1000) === told)) return true;
    known = await again();
  }
  return false;
}
