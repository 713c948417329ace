import { AppError } from '../../../shared/lib/app-error.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { ManifestSource } from '../../../shared/model/manifest.ts';
import type { HelperFiles, KeepRules } from '../../components/component-handler.ts';
import { VolumeHelpers, type HelperTarget } from '../../trinity/helper/volume-helpers.ts';
import type { Entry } from '../../vault/listing/entry.ts';
import type { TreeMeta } from '../../vault/restore/tree-ops.ts';
import type { OpenJournal } from '../restore/swap/journal.ts';
import type { OpenSink, Staging } from '../restore/staging/staging.ts';
import { sendFiles } from './send-files.ts';
import type { HelperStage } from './helper-stage.ts';
import { dropStages, stageFolderOf } from './swap-by-helper.ts';

/** What waits in a volume of ours for its swap. */
export type StagedByHelper = Readonly<{
  source: string;
  /** Of the journal's entry, which it names. */
  work: string;
  /** What gives way, relative to the live root; undefined: all of it, name by name. */
  paths: readonly Buffer[] | undefined;
  /** Undefined: nothing stays. */
  keep: KeepRules | undefined;
  /** The live place was there before. */
  hasLive: boolean;
}>;

export type StageRequest = Readonly<{
  /** A private folder, where the live volume is a new one of a new install: without an image it is written at once, by archives. */
  fillScratch: (() => Promise<string>) | undefined;
  source: ManifestSource;
  helperStage: HelperStage;
  host: string;
  live: HelperTarget;
  hasLive: boolean;
  keep: KeepRules | undefined;
  signal: AbortSignal;
}>;

/** Writes a source, or paths of it, into a new volume of ours. */
export async function stageTreeByHelper(
  journal: OpenJournal,
  staging: Staging,
  request: StageRequest & Readonly<{ paths: readonly Buffer[] | undefined }>,
): Promise<StagedByHelper | undefined> {
  const { source, paths } = request;
  const write = async (open: OpenSink): Promise<void> => await staging.stageInto(source, open, paths);
  return await stage(journal, { ...request, gives: paths, adds: false }, write);
}

/** Files of this machine; names in `gives` that are no file's only give way. */
export type HelperFilesRequest = StageRequest & HelperFiles;

/** Writes files of this machine into a new volume of ours. */
export async function stageFilesByHelper(
  journal: OpenJournal,
  request: HelperFilesRequest,
): Promise<StagedByHelper | undefined> {
  const write = async (open: OpenSink): Promise<void> =>
    await sendFiles(await open(() => undefined), request.files);
  return await stage(journal, { ...request, adds: true }, write);
}

type Staged = StageRequest & Readonly<{ gives: readonly Buffer[] | undefined; adds: boolean }>;
type Write = (open: OpenSink) => Promise<void>;

/** Undefined: it is in the live place already. */
async function stage(
  journal: OpenJournal,
  request: Staged,
  write: Write,
): Promise<StagedByHelper | undefined> {
  const { source, helperStage, live, gives, keep, hasLive, signal } = request;
  try {
    const { entry, helper } = await helperStage.begin(live);
    const folder = stageFolderOf(entry);
    await write(async (onBytes) => await helper.writeTree(folder, signal, onBytes));
    return { source: sourceText(source), work: entry.work, paths: gives, keep, hasLive };
  } catch (error) {
    if (request.fillScratch === undefined || !isWithoutImage(error)) throw error;
    await dropStages(journal.content);
    await journal.update({ helperSwaps: [] });
    await fill(journal, { ...request, scratch: await request.fillScratch() }, write);
    return undefined;
  }
}

/** Into a volume that nobody knows but this restore, which removes it with all it holds when it does not come about. */
async function fill(
  journal: OpenJournal,
  { host, live, scratch, adds, signal }: Staged & Readonly<{ scratch: string }>,
  write: Write,
): Promise<void> {
  const madeVolumes = journal.content.madeVolumes.map((made) =>
    made.name === live.source && made.host === host ? { ...made, isFilled: true } : made,
  );
  if (!madeVolumes.some(({ name, isFilled }) => isFilled && name === live.source))
    throw new Error('Only a volume that was made for the restore is filled.');
  await journal.update({ madeVolumes });
  await using helpers = new VolumeHelpers({ host });
  await using archive = await helpers.openArchive(live.source, signal);
  await write(async (onBytes, listing) => {
    const metaOf = async (path: Buffer): Promise<TreeMeta> => metaOfEntry(await listing?.entry(path));
    return await archive.writeTree({ scratch, adds, metaOf }, onBytes);
  });
}

function metaOfEntry(entry: Entry | undefined): TreeMeta {
  if (entry !== undefined) return { ...entry.stat, xattrs: entry.xattrs };
  throw new AppError(
    'damaged',
    'A file of this backup is a further name of one that is not there. Restore another backup.',
  );
}

function isWithoutImage(error: unknown): boolean {
  return error instanceof AppError && error.details['noImage'] === true;
}
