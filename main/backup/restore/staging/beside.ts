import fs from 'node:fs';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Place } from '../../../components/component-handler.ts';
import type { Entry } from '../../../vault/listing/entry.ts';
import type { Listing } from '../../../vault/listing/listing.ts';
import { below, identityOf, inFolder, joinPath, openFolder, splitPath, statIfThere } from './safe-place.ts';

const namesPerTurn = 2000;

/** What stays in a folder beside something that a restore moves: the identities of its names (latin1). */
export type Beside = Readonly<{ folder: Place; identities: ReadonlyMap<string, string> }>;

/**
 * Looks at what stays in the folders that hold `moved`, paths relative to `live`. Undefined where a name there does not lead to what
 * the backup has: somebody works in the tree.
 */
export async function lookBeside(
  listing: Listing,
  live: Place,
  moved: readonly Buffer[],
): Promise<readonly Beside[] | undefined> {
  const going = new Set(moved.map(keyOf));
  const parents = new Map(moved.map(parentOf).map((parent) => [keyOf(parent), parent]));
  const all: Beside[] = [];
  for (const parent of parents.values()) {
    const kinds = new Map<string, Entry['kind']>();
    for await (const { path, kind } of listing.children(parent)) {
      if (!going.has(keyOf(path))) kinds.set(keyOf(splitPath(path).at(-1) ?? path), kind);
    }
    const folder = below(live, parent);
    const identities = await identitiesIn(folder, kinds.keys(), (name, stat) => isOf(stat, kinds.get(name)));
    if (identities === undefined) return undefined;
    all.push({ folder, identities });
  }
  return all;
}

/** Whether each name still leads to the same: nothing that stays was moved away under the name of something that goes. */
export async function isStillBeside(all: readonly Beside[]): Promise<boolean> {
  for (const { folder, identities } of all) {
    const found = await identitiesIn(
      folder,
      identities.keys(),
      (name, stat) => identityOf(stat) === identities.get(name),
    );
    if (found === undefined) return false;
  }
  return true;
}

/** Undefined where the folder or one of these names is not there, or is not as expected. */
async function identitiesIn(
  folder: Place,
  names: Iterable<string>,
  isExpected: (name: string, stat: fs.BigIntStats) => boolean,
): Promise<ReadonlyMap<string, string> | undefined> {
  const identities = new Map<string, string>();
  const fd = openFolder(folder);
  if (fd === undefined) return undefined;
  try {
    for (const name of names) {
      const stat = statIfThere(inFolder(fd, Buffer.from(name, 'latin1')));
      if (stat === undefined || !isExpected(name, stat)) return undefined;
      identities.set(name, identityOf(stat));
      if (identities.size % namesPerTurn === 0) await yieldToOthers();
    }
  } finally {
    fs.closeSync(fd);
  }
  return identities;
}

/** A further name leads to whatever its first name leads to. */
function isOf(stat: fs.BigIntStats, kind: Entry['kind'] | undefined): boolean {
  if (kind === 'folder') return stat.isDirectory();
  if (kind === 'symlink') return stat.isSymbolicLink();
  return kind === 'file' ? stat.isFile() : !stat.isDirectory();
}

function parentOf(path: Buffer): Buffer {
  return joinPath(...splitPath(path).slice(0, -1));
}

function keyOf(path: Buffer): string {
  return path.toString('latin1');
}
