import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Finding } from '../../../../shared/model/finding.ts';
import { warmThreads } from '../access/keep-stream.ts';
import { captureTree } from '../capture-tree.ts';
import type { CapturedTree, CaptureRequest, CaptureResult, ListingPart } from '../capture.ts';
import { warningOf } from '../findings.ts';
import { racyMarginNs } from '../racy-margin.ts';
import { selectChanged } from '../select/select-changed.ts';
import { fileStream } from './file-stream.ts';
import { runFrozenPass } from './frozen-pass.ts';
import type { Frozen } from './frozen-pass.ts';
import { KeptListing } from './kept-listing.ts';
import type { KeptListingOpened } from './kept-listing.ts';
import type { OnePassRequest, PassCounts, TwoPassRequest, TwoPassResult, TwoPassTree } from './two-pass.ts';

/** Threads that work at the same time while everything is frozen. */
const frozenThreads = 2;

/**
 * Copies a tree that is written to: once while everything runs, then, frozen, only what differs, into local files, from which it is stored
 * after everything runs again. Where the frozen pass comes to nothing the first one counts, and the result says why.
 */
export async function captureInTwoPasses(request: TwoPassRequest): Promise<TwoPassResult> {
  const folder = await mkdtemp(path.join(request.folder, 'two-pass-'));
  try {
    using kept = new KeptListing(path.join(folder, 'hot.listing'));
    const hot = await captureHot({ request, folder, onListingPart: kept.keep });
    const opened = kept.open(hot.result.listing, request.vault);
    await warm(request);
    const { frozen, frozenMs, reason } = await runFrozenPass(request, { ...opened, ...hot }, folder);
    const last = frozen === undefined ? undefined : await captureFrozen(request, { ...hot, opened, frozen });
    return {
      capture: last === undefined ? hot.result : joined(hot.result, last),
      hot: countsOf(hot.result),
      frozen: last === undefined ? undefined : countsOf(last),
      frozenMs,
      isConsistent: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Nothing is to be started while everything is frozen. */
async function warm({ tree, signal }: TwoPassRequest): Promise<void> {
  const access = tree.kind === 'access' ? tree.access : undefined;
  await Promise.all([warmThreads(frozenThreads, signal), access?.prepare?.(signal)]);
}

/** Copies a tree to which nobody writes, or whose copy may be of more than one moment. */
export async function captureInOnePass(request: OnePassRequest): Promise<CaptureResult> {
  const folder = await mkdtemp(path.join(request.folder, 'one-pass-'));
  try {
    return (await captureHot({ request, folder })).result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type HotTree = Readonly<{
  tree: CapturedTree;
  racyFromNs: bigint;
  /** The tree stream in a file, where an access gave it. */
  recordsFile?: string;
}>;
type Hot = Omit<HotTree, 'tree'> & Readonly<{ result: CaptureResult }>;
type HotQuestion = Readonly<{
  request: OnePassRequest;
  folder: string;
  /** Set where another pass follows. */
  onListingPart?: (part: ListingPart) => void;
}>;

async function captureHot(question: HotQuestion): Promise<Hot> {
  const { request, onListingPart } = question;
  const { previous } = request;
  const { tree: from, ...rest } = await hotTree(question);
  const result = await captureTree({
    ...captureParts(request),
    tree: from,
    ...(previous === undefined ? {} : { previous }),
    racyFromNs: rest.racyFromNs,
    ...(onListingPart === undefined ? {} : { onListingPart }),
  });
  return { ...rest, result };
}

async function hotTree(question: HotQuestion): Promise<HotTree> {
  const { tree, racyFromNs } = question.request;
  return tree.kind === 'folder' ? { tree, racyFromNs } : await listHot(question, tree);
}

/** Finds out what changed since the last backup; its content is asked for as it is stored. */
async function listHot(
  { request, folder, onListingPart }: HotQuestion,
  { access, exclude, only }: Extract<TwoPassTree, { kind: 'access' }>,
): Promise<HotTree> {
  const { previous, vault, mostSpoolBytes, signal } = request;
  const again = onListingPart !== undefined;
  const selection = await selectChanged({
    records: access.list({ exclude, ...(only === undefined ? {} : { only }), sync: true, again, signal }),
    ...(previous === undefined ? {} : { previous }),
    reader: vault,
    writer: vault,
    mayRecut: true,
    folder,
    name: 'hot',
    mostRecordBytes: mostSpoolBytes,
    signal,
  });
  const { syncedNs, recordsFile } = selection;
  return {
    recordsFile,
    tree: {
      kind: 'records',
      records: fileStream(recordsFile),
      content: access.send(fileStream(selection.wantedFile), signal),
      selection,
    },
    racyFromNs: syncedNs === 0n ? request.racyFromNs : syncedNs - racyMarginNs,
  };
}

/** Stores what was kept. No more is cut anew than the first pass did; what is racy there is racy here: nothing was synced since. */
async function captureFrozen(
  request: TwoPassRequest,
  { opened, frozen, racyFromNs }: Hot & Readonly<{ opened: KeptListingOpened; frozen: Frozen }>,
): Promise<CaptureResult> {
  const { selection, contentFile } = frozen;
  return await captureTree({
    ...captureParts(request),
    tree: {
      kind: 'records',
      records: fileStream(selection.recordsFile),
      content: fileStream(contentFile),
      selection,
    },
    previous: opened.listing,
    isPreviousOurs: true,
    mayRecut: false,
    racyFromNs,
    reader: opened.reader,
  });
}

function captureParts(
  request: OnePassRequest,
): Pick<CaptureRequest, 'compress' | 'writer' | 'reader' | 'keys' | 'signal' | 'onProgress'> {
  const { compress, vault, keys, signal, onProgress } = request;
  return {
    compress,
    writer: vault,
    reader: vault,
    keys,
    signal,
    ...(onProgress === undefined ? {} : { onProgress }),
  };
}

function countsOf({ filesRead, bytesRead, bytesAdded, bytesStored }: CaptureResult): PassCounts {
  return { filesRead, bytesRead, bytesAdded, bytesStored };
}

/** The last pass counts, but for what both stored, and for attributes that only who opens a file could miss. */
function joined(hot: CaptureResult, last: CaptureResult): CaptureResult {
  const said = new Set(last.warnings.map(textOf));
  const missed = hot.warnings.filter(
    (warning) => warning.code === warningOf.xattrs.code && !said.has(textOf(warning)),
  );
  return {
    ...last,
    filesRead: hot.filesRead + last.filesRead,
    bytesRead: hot.bytesRead + last.bytesRead,
    bytesAdded: hot.bytesAdded + last.bytesAdded,
    bytesStored: hot.bytesStored + last.bytesStored,
    changedDatabases: withoutRepeats([...hot.changedDatabases, ...last.changedDatabases]),
    warnings: [...last.warnings, ...missed],
  };
}

function withoutRepeats(paths: readonly Buffer[]): readonly Buffer[] {
  return [...new Map(paths.map((bytes) => [bytes.toString('latin1'), bytes])).values()];
}

function textOf({ code, path: where = '' }: Finding): string {
  return `${code} ${where}`;
}
