import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { ManifestSource } from '../../../../shared/model/manifest.ts';
import type { KeepRules, Place, Swap } from '../../../components/component-handler.ts';
import { isStillBeside, lookBeside, type Beside } from './beside.ts';
import { mountsBelow } from './mounts.ts';
import { below, joinPath, placeText, statPlace } from './safe-place.ts';
import type { Staging } from './staging.ts';
import { findChanges, isUnchangedBut } from './tree-changes.ts';
import type { LiveTree, TreeChanges } from './tree-changes.ts';

type Request = Readonly<{
  staging: Staging;
  source: ManifestSource;
  component: string;
  live: Place;
  keepOf: (base: Buffer) => KeepRules;
}>;

const folderName = 'changes';
const whole = Buffer.alloc(0);

/**
 * Where the live tree is there, only what differs from the backup is staged and swapped; all else was read, is equal, and is not
 * touched. Undefined where that cannot be: then the whole tree has to be staged.
 */
export async function stageChanges(request: Request): Promise<readonly Swap[] | undefined> {
  const { staging, source, component, live, keepOf } = request;
  if (statPlace(live)?.isDirectory() !== true) return undefined;
  const folder = realpathSync(placeText(live));
  // The swap of the whole tree refuses these by name.
  if (mountsBelow(folder).some((mount) => mount !== folder)) return undefined;
  const work = await staging.openWorkFolder(live.root, component);
  const sinceNs = statSync(work, { bigint: true }).ctimeNs;
  const listing = await staging.openListing(source);
  const tree: LiveTree = { listing, live, folder, keep: keepOf(whole), signal: staging.signal };
  const changes = await changesOrUndefined(tree);
  if (changes === undefined) return undefined;
  if (changes.changed.length > 0) {
    await staging.stage(source, path.join(work, folderName), changes.changed);
  }
  const moved = [...changes.changed, ...changes.extra];
  let beside: readonly Beside[] = [];
  staging.rely({
    what: folder,
    kept: changes.kept.length,
    isUntouched: async (going) => {
      // No backup has a copy of what is kept, wherever it lies.
      if (moved.length > 0) beside = await lookBeside(live, [...moved, ...changes.kept], going);
      return await isUnchangedBut(tree, changes, sinceNs);
    },
    isInPlace: async () => await isStillBeside(beside),
  });
  staging.changeFolders(live, changes.folders);
  return swapsOf(request, changes, work);
}

/** An agent that swaps folders meanwhile is no reason to give up. */
async function changesOrUndefined(tree: LiveTree): Promise<TreeChanges | undefined> {
  try {
    return await findChanges(tree);
  } catch (error) {
    tree.signal.throwIfAborted();
    if (error instanceof AppError && error.kind === 'failed') return undefined;
    throw error;
  }
}

function swapsOf({ live, keepOf }: Request, changes: TreeChanges, work: string): readonly Swap[] {
  const swap = (bytes: Buffer, staged: Place | undefined): Swap => ({
    kind: 'whole',
    live: below(live, bytes),
    staged,
    work,
    keep: keepOf(bytes),
  });
  return [
    ...changes.extra.map((bytes) => swap(bytes, undefined)),
    ...changes.changed.map((bytes) => swap(bytes, { root: work, path: joinPath(folderName, bytes) })),
  ];
}
