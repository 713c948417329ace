import fs from 'node:fs';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import type { KeepRules, Place } from '../../components/component-handler.ts';
import { isWorkFolderName } from '../../components/work-folder.ts';
import { stayTest } from '../../vault/restore/count/stays.ts';
import { below, inFolder, joinPath, openFolder, placeText, statPlace } from './staging/safe-place.ts';

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = fs.constants;
const namesPerTurn = 2000;

/** Whether a live path stays; `path` is relative to the root of the source. */
export type StaysTest = (
  path: Buffer,
  entry: Pick<fs.Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink'>,
) => boolean;

/** What the backup could not hold stays: excluded, unread, and what is neither file, folder nor link. */
export function staysTest({ exclude, unread }: KeepRules): StaysTest {
  const names = unread && new Set(unread.map((bytes) => bytes.toString('latin1')));
  const why = stayTest({ exclude, unread: names });
  return (path, entry) => why(path, entry) !== undefined;
}

type Walk = Readonly<{
  stays: StaysTest;
  base: Buffer;
  live: Place;
  staged: Place;
  found: Buffer[];
  seen: { names: number };
}>;

/** What the staged tree has at a path; `blocked`: something above is no folder there. */
type StagedKind = 'folder' | 'other' | 'none' | 'blocked';

type LiveFolder = Readonly<{ fd: number; path: Buffer; staged: StagedKind }>;

/**
 * Paths relative to the live folder that stay and are not in the staged one. Rejects where something that stays cannot: the backup
 * holds something else at that path.
 */
export async function findKept(live: Place, staged: Place, keep: KeepRules): Promise<readonly Buffer[]> {
  const fd = openFolder(live);
  if (fd === undefined) return [];
  const walk: Walk = { stays: staysTest(keep), base: keep.base, live, staged, found: [], seen: { names: 0 } };
  try {
    await walkFolder(walk, { fd, path: Buffer.alloc(0), staged: kindAt(staged) });
  } finally {
    fs.closeSync(fd);
  }
  return walk.found;
}

async function walkFolder(walk: Walk, folder: LiveFolder): Promise<void> {
  const entries = fs.readdirSync(`/proc/self/fd/${String(folder.fd)}`, {
    encoding: 'buffer',
    withFileTypes: true,
  });
  for (const entry of entries) {
    walk.seen.names += 1;
    if (walk.seen.names % namesPerTurn === 0) await yieldToOthers();
    const path = joinPath(folder.path, entry.name);
    if (walk.base.length === 0 && folder.path.length === 0 && isWorkFolderName(entry.name.toString()))
      continue;
    const stays = walk.stays(joinPath(walk.base, path), entry);
    if (!stays && !entry.isDirectory()) continue;
    const staged = kindBelow(walk, folder, path);
    if (!stays) await walkChild(walk, folder.fd, { entry, path, staged });
    else if (staged === 'none') walk.found.push(path);
    else await keepBeside(walk, folder.fd, { entry, path, staged });
  }
}

type LiveEntry = Readonly<{ entry: fs.Dirent<Buffer>; path: Buffer; staged: StagedKind }>;

async function walkChild(walk: Walk, parent: number, child: LiveEntry): Promise<void> {
  const fd = openChild(walk, parent, child);
  if (fd === undefined) return;
  try {
    await walkFolder(walk, { fd, path: child.path, staged: child.staged });
  } finally {
    fs.closeSync(fd);
  }
}

function openChild(walk: Walk, parent: number, child: LiveEntry): number | undefined {
  try {
    return fs.openSync(inFolder(parent, child.entry.name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    if (!hasCode(error, 'ENOTDIR', 'ELOOP')) throw error;
    // What was to stay in it is out of reach: taken for an empty folder, it would go with the rest.
    const shown = placeText(below(walk.live, child.path));
    throw new AppError('failed', `${shown} was replaced by another program meanwhile. Try again.`, {
      cause: error,
    });
  }
}

/** Something that stays, where the backup holds something too. */
async function keepBeside(walk: Walk, parent: number, child: LiveEntry): Promise<void> {
  const { entry, staged } = child;
  if (entry.isDirectory() && staged === 'folder') {
    // A folder that could not be read: the backup has the folder itself, and nothing of what it holds.
    await walkChild({ ...walk, stays: () => true }, parent, child);
    return;
  }
  const hasContent = entry.isFile() || entry.isDirectory();
  if (!hasContent || (entry.isFile() && staged === 'other')) return;
  throw new AppError(
    'refused',
    `${placeText(below(walk.live, child.path))} is in no backup, and the backup holds something else at its place. ` +
      'Move it away, then try again.',
  );
}

function kindBelow(walk: Walk, folder: LiveFolder, path: Buffer): StagedKind {
  if (folder.staged === 'folder') return kindAt(below(walk.staged, path));
  return folder.staged === 'none' ? 'none' : 'blocked';
}

function kindAt(place: Place): StagedKind {
  const stat = statPlace(place);
  if (stat === undefined) return 'none';
  return stat.isDirectory() ? 'folder' : 'other';
}
