import type { MessagePort } from 'node:worker_threads';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { libcProblem } from '../../platform/libc.ts';
import { RawEntry } from '../listing/raw-entry.ts';
import type { CaptureCounts, CaptureTask, TreeTask } from './thread/capture-messages.ts';
import { ChunkNumbers } from './content/chunk-numbers.ts';
import { makeContentContext } from './content/content-context.ts';
import type { ContentContext } from './content/content-context.ts';
import { EntryCapture } from './walk/entry-capture.ts';
import { compileExclude, nameSet } from './walk/exclude.ts';
import { FindingList } from './finding-list.ts';
import { noteOf, notKept } from './findings.ts';
import { ListingOutput } from './listing-output.ts';
import { MovedEntries } from './previous/moved-entries.ts';
import { openRoot } from './walk/open-root.ts';
import { PreviousFiles } from './previous/previous-files.ts';
import { RecordWalk } from './walk/record-walk.ts';
import { ContentRecordReader } from './records/content-record-reader.ts';
import { brokenRecords } from './records/frames.ts';
import { TreeRecordReader } from './records/tree-record-reader.ts';
import { ThreadLink } from './thread/thread-link.ts';
import { TreeWalk } from './walk/tree-walk.ts';
import type { TreeWalkParts } from './walk/tree-walk.ts';

const rootPath = Buffer.alloc(0);
const pathsPerReport = 16;

/** The whole of a capture, in its thread: walks, reads, cuts, encodes; main stores what comes. Says how it ended. */
export function runCapture(task: CaptureTask, port: MessagePort): void {
  const link = new ThreadLink(port, task.flags);
  try {
    capture(task, link);
  } catch (error) {
    const kind = error instanceof AppError ? error.kind : 'failed';
    link.send({ type: 'failed', kind, message: messageOf(error) });
  }
}

function capture(task: CaptureTask, link: ThreadLink): void {
  const run = makeRun(task, link);
  const { context, counts, entry, output, warnings, notes } = run;
  let paths = 0;
  let bytesReported = -1;
  const onPath = (): void => {
    link.check();
    paths += 1;
    // Asking for the time costs as much as a look at a file.
    if (counts.bytesRead !== bytesReported || paths % pathsPerReport === 0) {
      bytesReported = counts.bytesRead;
      reportProgress(link, counts, entry);
    }
  };
  const shared = { entry, counts, warnings, notes, onPath };
  if (task.tree.kind === 'folder') {
    walkFolder(task, task.tree, { ...shared, run });
  } else {
    walkRecords(task, task.tree, { ...shared, run });
  }
  context.small.finish();
  context.large.finish();
  context.pages.finish();
  const checksum = output.finish(context.numbers);
  addGeneralNotes(notes, context.previous);
  const { changedDatabases } = context;
  const findings = { warnings: warnings.finish(), notes: notes.finish() };
  link.send({ type: 'done', checksum, counts, changedDatabases, ...findings });
}

type Run = Readonly<{
  link: ThreadLink;
  context: ContentContext;
  counts: CaptureCounts;
  entry: RawEntry;
  output: ListingOutput;
  warnings: FindingList;
  notes: FindingList;
}>;

type WalkParts = Pick<TreeWalkParts, 'entry' | 'counts' | 'warnings' | 'notes' | 'onPath'> &
  Readonly<{ run: Run }>;

function makeRun(task: CaptureTask, link: ThreadLink): Run {
  const counts = noCounts();
  const numbers = new ChunkNumbers(task.tableLengths);
  const { previous: facts, mayRecut } = task;
  const previous = facts === undefined ? undefined : new PreviousFiles({ link, facts, numbers, mayRecut });
  return {
    link,
    context: makeContentContext({ link, numbers, counts, previous }, task),
    counts,
    entry: new RawEntry(),
    output: new ListingOutput(link, counts),
    warnings: new FindingList('more-warnings'),
    notes: new FindingList('more-notes'),
  };
}

function walkFolder(
  task: CaptureTask,
  tree: Extract<TreeTask, { kind: 'folder' }>,
  { run, ...shared }: WalkParts,
): void {
  const rootFd = openRoot(tree.root);
  const { previous } = run.context;
  const { racyFromNs, nowNs } = task;
  const findPrevious = ({ path, pathLength }: RawEntry): RawEntry | undefined =>
    previous?.find(path, pathLength);
  const walk = new TreeWalk({
    ...shared,
    taker: new EntryCapture({ ...run, racyFromNs, nowNs, findPrevious }),
    exclude: compileExclude(tree.exclude),
    only: tree.only === undefined ? undefined : nameSet(tree.only),
    follow: nameSet(tree.follow),
  });
  walk.run(rootFd);
}

function walkRecords(
  task: CaptureTask,
  tree: Extract<TreeTask, { kind: 'records' }>,
  { run, ...shared }: WalkParts,
): void {
  const { link, context } = run;
  const { previous } = context;
  const records = new TreeRecordReader(() => link.takePiece('records'));
  const content = new ContentRecordReader(() => link.takePiece('content'));
  const moved =
    task.previous === undefined || tree.moved === undefined
      ? undefined
      : new MovedEntries(link, task.previous, tree.moved);
  const { racyFromNs } = task;
  const { nowNs } = records.head;
  const findPrevious = ({ path, pathLength }: RawEntry): RawEntry | undefined =>
    moved?.find(walk.number) ?? previous?.find(path, pathLength);
  const taker = new EntryCapture({ ...run, racyFromNs, nowNs, findPrevious });
  const walk = new RecordWalk({ ...shared, records, content, taker });
  walk.run();
  if (content.count !== tree.wantedFiles) {
    throw brokenRecords('files that were asked for are missing');
  }
}

function reportProgress(link: ThreadLink, counts: CaptureCounts, entry: RawEntry): void {
  if (link.isProgressDue()) {
    const { files, bytes, bytesRead } = counts;
    link.sendProgress({ files, bytes, bytesRead }, entry.copyPath());
  }
}

function addGeneralNotes(notes: FindingList, previous: PreviousFiles | undefined): void {
  const problem = libcProblem();
  if (problem !== undefined) {
    notes.add(notKept(problem), rootPath);
  }
  if (previous?.isDamaged === true) {
    notes.add(noteOf.previousDamaged, rootPath);
  }
}

function noCounts(): CaptureCounts {
  return { entries: 0, files: 0, bytes: 0, filesRead: 0, bytesRead: 0, excludedFiles: 0, excludedBytes: 0 };
}
