import fs from 'node:fs';
import { hash } from 'node:crypto';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { Place } from '../../../components/component-handler.ts';
import { readNames } from '../../../platform/read-names.ts';
import {
  below,
  identityOf,
  inFolder,
  joinPath,
  openFolder,
  splitPath,
  statIfThere,
  statPlace,
} from './safe-place.ts';

/** What stays in a folder: a mark of each name with what it leads to, in order. Eight bytes each, since there may be millions. */
export type Beside = Readonly<{ folder: Place; marks: Float64Array }>;

/** Names that a restore moves away, whatever part of it does, by the inodes of their folders. */
export type Going = ReadonlySet<string>;

export function goingOf(places: readonly Place[]): Going {
  return new Set(
    places.flatMap(({ root, path }) => {
      const parent = statPlace({ root, path: parentOf(path) });
      return parent === undefined ? [] : [`${identityOf(parent)}/${keyOf(splitPath(path).at(-1) ?? path)}`];
    }),
  );
}

/** Looks at what stays in the folders that hold these paths, relative to `live`. */
export async function lookBeside(
  live: Place,
  paths: readonly Buffer[],
  going: Going,
): Promise<readonly Beside[]> {
  const parents = new Map(paths.map(parentOf).map((parent) => [keyOf(parent), parent]));
  const all: Beside[] = [];
  for (const parent of parents.values()) {
    const folder = below(live, parent);
    const marks = await marksIn(folder, going);
    if (marks !== undefined) all.push({ folder, marks });
  }
  return all;
}

/** Whether each name still leads to the same: nothing that stays was moved away under the name of something that goes. */
export async function isStillBeside(all: readonly Beside[]): Promise<boolean> {
  for (const { folder, marks } of all) {
    const found = await marksIn(folder, new Set());
    if (found === undefined || !holdsAll(found, marks)) return false;
  }
  return true;
}

/** Undefined where the folder is not there, or something else by now. */
async function marksIn(folder: Place, going: Going): Promise<Float64Array | undefined> {
  const fd = openIfFolder(folder);
  if (fd === undefined) return undefined;
  const marks: number[] = [];
  try {
    const above = identityOf(fs.fstatSync(fd, { bigint: true }));
    for (const names of readNames(fd)) {
      for (const name of names.filter((each) => !going.has(`${above}/${each}`))) {
        const stat = statIfThere(inFolder(fd, Buffer.from(name, 'latin1')));
        if (stat !== undefined) marks.push(markOf(`${identityOf(stat)} ${name}`));
      }
      await yieldToOthers();
    }
  } finally {
    fs.closeSync(fd);
  }
  return Float64Array.from(marks).toSorted();
}

function openIfFolder(folder: Place): number | undefined {
  try {
    return openFolder(folder);
  } catch (error) {
    if (error instanceof AppError && error.kind === 'failed') return undefined;
    throw error;
  }
}

/** Of two that are in order. */
function holdsAll(found: Float64Array, wanted: Float64Array): boolean {
  let at = 0;
  for (const mark of wanted) {
    while (at < found.length && (found[at] ?? 0) < mark) at += 1;
    if (found[at] !== mark) return false;
  }
  return true;
}

/** The first 48 bits of a hash. */
function markOf(text: string): number {
  return hash('sha256', text, 'buffer').readUIntBE(0, 6);
}

function parentOf(path: Buffer): Buffer {
  return joinPath(...splitPath(path).slice(0, -1));
}

function keyOf(path: Buffer): string {
  return path.toString('latin1');
}
