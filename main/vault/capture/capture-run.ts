import type { MessagePort } from 'node:worker_threads';
import { AppError, hasCode, messageOf } from '../../../shared/lib/app-error.ts';
import { libcProblem } from '../../platform/libc.ts';
import { RawEntry } from '../listing/raw-entry.ts';
import type { CaptureCounts, CaptureTask } from './capture-messages.ts';
import { ChunkNumbers } from './chunk-numbers.ts';
import { makeContentContext } from './content-context.ts';
import { EntryCapture } from './entry-capture.ts';
import { compileExclude, nameSet } from './exclude.ts';
import { FindingList } from './finding-list.ts';
import { noteOf, notKept } from './findings.ts';
import { ListingOutput } from './listing-output.ts';
import { openFolderAt } from './open-folder.ts';
import { PreviousFiles } from './previous-files.ts';
import { ThreadLink } from './thread-link.ts';
import { TreeWalk } from './tree-walk.ts';

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
  const rootFd = openRoot(task.root);
  const counts = noCounts();
  const warnings = new FindingList('more-warnings');
  const notes = new FindingList('more-notes');
  const numbers = new ChunkNumbers(task.tableLengths);
  const previous = task.previous === undefined ? undefined : new PreviousFiles(link, task.previous, numbers);
  const context = makeContentContext({ link, numbers, counts, previous }, task);
  const output = new ListingOutput(link, counts);
  const entry = new RawEntry();
  const { racyFromNs, nowNs } = task;
  let paths = 0;
  let bytesReported = -1;
  const walk = new TreeWalk({
    entry,
    capture: new EntryCapture({ context, counts, output, warnings, racyFromNs, nowNs }),
    exclude: compileExclude(task.exclude),
    only: task.only === undefined ? undefined : nameSet(task.only),
    follow: nameSet(task.follow),
    counts,
    warnings,
    notes,
    onPath: () => {
      link.check();
      paths += 1;
      // Asking for the time costs as much as a look at a file.
      if (counts.bytesRead !== bytesReported || paths % pathsPerReport === 0) {
        bytesReported = counts.bytesRead;
        reportProgress(link, counts, entry);
      }
    },
  });
  walk.run(rootFd);
  context.small.finish();
  context.large.finish();
  context.pages.finish();
  const checksum = output.finish(numbers);
  addGeneralNotes(notes, previous);
  link.send({ type: 'done', checksum, counts, warnings: warnings.finish(), notes: notes.finish() });
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

function openRoot(root: string): number {
  try {
    return openFolderAt(root);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) {
      throw new AppError(
        'not-found',
        `The folder ${root} is not there. Check the path, or mount what should be there.`,
      );
    }
    if (hasCode(error, 'ENOTDIR', 'ELOOP')) {
      throw new AppError('failed', `${root} is not a folder. Name the folder itself, not a link to it.`);
    }
    if (hasCode(error, 'EACCES', 'EPERM')) {
      throw new AppError(
        'failed',
        `The folder ${root} may not be read. Run as a user who may, or give the right.`,
      );
    }
    throw error;
  }
}
