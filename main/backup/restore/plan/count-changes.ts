import { lstat, readFile, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../../../shared/lib/app-error.ts';
import { sourceText } from '../../../../shared/model/component.ts';
import type { PlannedPath } from '../../../../shared/model/restore-plan.ts';
import { workFolderPrefix } from '../../../components/work-folder.ts';
import { pathText } from '../../../platform/path-text.ts';
import { countTree } from '../../../vault/restore/count/count-tree.ts';
import { absentTally, TallyBuilder, type TreeTally } from '../../../vault/restore/count/tree-tally.ts';
import { keepRulesOf } from '../restore-context.ts';
import type { RestoreRun } from '../restore-run.ts';
import type { PlannedFiles, PlannedTree } from './planning-context.ts';

/** Of each kind of change of each source; more are counted and not named. */
const mostPaths = 5000;
/** Clocks of the backup and of file systems are the same, or nearly. */
const clockMarginMs = 10_000;
const nothing = Buffer.alloc(0);

/** What restoring one tree would change. */
export async function countChanges(
  run: RestoreRun,
  { source, target, paths }: PlannedTree,
): Promise<TreeTally> {
  if (source.listing === undefined) throw new Error(`${sourceText(source)} has no listing.`);
  const listing = await run.reader.openListing(source.listing);
  const folder = await folderAt(target.live);
  const keep = keepRulesOf(source, nothing);
  const phase = sourceText(source);
  const total = paths === undefined ? source.listing.files : undefined;
  // The listing's own count leaves out links.
  if (folder === undefined) return absentTally(await heldOf(run, source, paths ?? [nothing]));
  return await countTree(listing, folder, {
    exclude: [...keep.exclude],
    unread: keep.unread?.map((bytes) => bytes.toString('latin1')),
    paths,
    readSinceNs: BigInt(Date.parse(source.startedAt) - clockMarginMs) * 1_000_000n,
    oursPrefix: workFolderPrefix,
    mostPaths,
    signal: run.options.signal,
    onFiles: (done) => run.options.onProgress?.({ phase, done, total, unit: 'files', detail: target.live }),
  });
}

/** Files and bytes of a source, or of paths of it. */
export async function heldOf(
  { reader, options }: RestoreRun,
  { listing: root }: PlannedTree['source'],
  paths: readonly Buffer[] | undefined,
): Promise<Readonly<{ files: number; bytes: number }>> {
  if (root === undefined) return { files: 0, bytes: 0 };
  if (paths === undefined) return { files: root.files, bytes: root.bytes };
  const listing = await reader.openListing(root);
  let files = 0;
  let bytes = 0;
  for (const prefix of paths) {
    for await (const entry of listing.entries(prefix)) {
      options.signal.throwIfAborted();
      if (entry.kind === 'folder') continue;
      files += 1;
      bytes += entry.kind === 'file' ? entry.stat.size : 0;
    }
  }
  return { files, bytes };
}

/** The same for a few files that were staged: by their content, since some are made of both sides. */
export async function countFiles({ staged, live, paths }: PlannedFiles): Promise<TreeTally> {
  const tally = new TallyBuilder(mostPaths);
  for (const bytes of paths) {
    const name = bytes.toString();
    const wanted = await contentOf(path.join(staged, name));
    const now = await contentOf(path.join(live, name));
    const change = now === undefined ? 'added' : wanted?.equals(now) === true ? 'unchanged' : 'changed';
    if (change === 'changed') tally.liveBytes += now?.length ?? 0;
    tally.count(change, wanted?.length ?? 0, () => pathText(bytes));
  }
  return tally.tally();
}

/** Of a file, or where a link leads; undefined where nothing of the kind is. */
async function contentOf(file: string): Promise<Buffer | undefined> {
  try {
    const stat = await lstat(file);
    if (stat.isSymbolicLink()) return Buffer.from(await readlink(file));
    return stat.isFile() ? await readFile(file) : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return undefined;
    throw error;
  }
}

async function folderAt(live: string): Promise<string | undefined> {
  try {
    const folder = await realpath(live);
    return (await lstat(folder)).isDirectory() ? folder : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

export function pathsOf(source: string, { paths }: TreeTally): readonly PlannedPath[] {
  return paths.map((each) => ({ source, ...each }));
}
