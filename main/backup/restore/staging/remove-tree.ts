import fs from 'node:fs';
import path from 'node:path';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { AppError, hasCode } from '../../../../shared/lib/app-error.ts';
import type { Place } from '../../../components/component-handler.ts';
import { mountsBelow } from './mounts.ts';
import { inFolder, joinPath, openFolder, splitPath, statIfThere } from './safe-place.ts';

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = fs.constants;
const namesPerTurn = 2000;
const ownersRights = 0o700n;

type Removal = { removed: number };

/**
 * Removes what is at a place with all it holds, by descriptors: a folder that an agent swaps for a link meanwhile leads nowhere.
 * Nothing happens when nothing is there. Refused where something is mounted below.
 */
export async function removeTree(place: Place): Promise<void> {
  if (!fs.existsSync(place.root)) return;
  const parts = splitPath(place.path);
  const name = parts.at(-1);
  if (name === undefined) throw new Error('A root is never removed.');
  const parent = openFolder({ root: place.root, path: joinPath(...parts.slice(0, -1)) });
  if (parent === undefined) return;
  try {
    refuseMounts(parent, name);
    await removeIn(parent, name, { removed: 0 });
    fs.fsyncSync(parent);
  } finally {
    fs.closeSync(parent);
  }
}

/** What is mounted below would be emptied, although it is no part of what has to go. */
function refuseMounts(parent: number, name: Buffer): void {
  const folder = fs.readlinkSync(`/proc/self/fd/${String(parent)}`);
  const [mounted] = mountsBelow(path.join(folder, name.toString()));
  if (mounted === undefined) return;
  throw new AppError(
    'failed',
    `${mounted} is mounted inside a folder that has to go. Unmount it, then run recover.`,
  );
}

async function removeIn(parent: number, name: Buffer, removal: Removal): Promise<void> {
  const file = inFolder(parent, name);
  const stat = statIfThere(file);
  if (stat === undefined) return;
  removal.removed += 1;
  if (removal.removed % namesPerTurn === 0) await yieldToOthers();
  if (!stat.isDirectory()) {
    fs.unlinkSync(file);
    return;
  }
  const fd = openForRemoval(file);
  try {
    if (fs.fstatSync(fd, { bigint: true }).dev !== stat.dev)
      throw new Error('A folder was swapped while it was removed.');
    if ((stat.mode & ownersRights) !== ownersRights) letUsWrite(fd);
    for (const child of fs.readdirSync(`/proc/self/fd/${String(fd)}`, { encoding: 'buffer' })) {
      await removeIn(fd, child, removal);
    }
  } finally {
    fs.closeSync(fd);
  }
  fs.rmdirSync(file);
}

/** Such as those in which Go keeps its modules: without that they would never go where we are not root. */
function letUsWrite(fd: number): void {
  try {
    fs.fchmodSync(fd, 0o700);
  } catch (error) {
    // Somebody else's: where we may not write in it, the removal says so.
    if (!hasCode(error, 'EPERM')) throw error;
  }
}

function openForRemoval(file: Buffer): number {
  const flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
  try {
    return fs.openSync(file, flags);
  } catch (error) {
    if (!hasCode(error, 'EACCES')) throw error;
    // A folder that its owner may not read: ours by its parent, so ours to open.
    fs.chmodSync(file, 0o700);
    return fs.openSync(file, flags);
  }
}
