import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { restoreTree } from '../../main/vault/restore/restore-tree.ts';
import type { RestoreTreeRequest, RestoreTreeResult } from '../../main/vault/restore/restore-tree.ts';
import type { MemoryTree } from '../fakes/memory-listing.ts';
import { tempFolder } from './temp-folder.ts';

/** Restores a tree into a new folder, `target` of a temporary folder, or into the one that `more` names. */
export async function restoreMemoryTree(
  tree: MemoryTree,
  more: Partial<Omit<RestoreTreeRequest, 'target'> & { target: string }> = {},
): Promise<Readonly<{ target: string; result: RestoreTreeResult }>> {
  const target = more.target ?? (await newTarget());
  const request = {
    listing: tree,
    reader: tree.chunks,
    exactMetadata: true,
    signal: new AbortController().signal,
    ...more,
    target,
  };
  return { target, result: await restoreTree(request) };
}

/** An empty folder to restore into; what lies beside it is removed with it after the test. */
export async function newTarget(): Promise<string> {
  const target = join(await tempFolder(), 'target');
  await mkdir(target);
  return target;
}
