import { AppError } from '../../../shared/lib/app-error.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { libcProblem } from '../../platform/libc.ts';
import type { ChunkChecks, ChunkReader } from '../chunks/chunk-store.ts';
import { inOwnMemory } from '../chunks/own-memory.ts';
import type { Entry } from '../listing/entry.ts';
import type { Listing } from '../listing/listing.ts';
import { ahead, endQuietly } from './ahead.ts';
import { filesOfChunk } from './files-of-chunk.ts';
import { RestorePlanner } from './restore-plan.ts';
import type { RestorePlan } from './restore-plan.ts';
import type { TreeSink } from './tree-sink.ts';
import { TreeThread } from './tree-thread.ts';
import type { SentChunk, TreeCounts } from './tree-thread.ts';

export type RestoreTreeRequest = Readonly<{
  listing: Listing;
  reader: ChunkReader;
  /** An existing, empty folder of ours, or who writes it. The listing's root entry gives it its metadata at the end. */
  target: string | TreeSink;
  /** Which entries to write; parents of written entries are always made. All when undefined. */
  wants?: (entry: Entry) => boolean;
  /** False writes owner and mode as of the running user with 0600/0700 (`--to`); true restores them. */
  exactMetadata: boolean;
  /** `seal` when undefined, which leaves it to the checksums of files to find content that is not what its chunk's id says. */
  checks?: ChunkChecks;
  signal: AbortSignal;
  onProgress?: (progress: Readonly<{ files: number; bytes: number }>) => void;
}>;

/** Written content was checked against CRC-32; a file that could not be is not there and is named in a warning or thrown. */
export type RestoreTreeResult = Readonly<{
  files: number;
  bytes: number;
  warnings: readonly Finding[];
  notes: readonly Finding[];
}>;

const progressMs = 100;
/** Chunks are sent once there are this many bytes of them. */
const messageBytes = 1024 * 1024;

/**
 * Writes a listing's entries into an empty folder; content was checked and is on the disk when it resolves. Throws `refused` when
 * the folder is not empty, `damaged` (naming files) when content cannot be had or is not what was backed up (then with
 * `details.isWrongContent`: with all checks another copy of a chunk may be found), `cancelled`, or `failed`. What was written until then stays: the folder is the caller's to remove.
 */
export async function restoreTree(request: RestoreTreeRequest): Promise<RestoreTreeResult> {
  const { target } = request;
  await using thread = typeof target === 'string' ? threadFor(request, target) : target;
  const planner = new RestorePlanner({
    listing: request.listing,
    reader: request.reader,
    wants: request.wants,
  });
  for await (const plan of ahead(planner.plans(), async (next) => await thread.whileRunning(next))) {
    await runPlan(plan, request, thread);
  }
  const { files, bytes, losses } = await thread.finish();
  request.onProgress?.({ files, bytes });
  return { files, bytes, warnings: losses, notes: typeof target === 'string' ? platformNotes() : [] };
}

function threadFor(request: RestoreTreeRequest, folder: string): TreeSink {
  const job = { work: 'write', folder, exact: request.exactMetadata } as const;
  return new TreeThread(job, request.signal, throttled(request.onProgress));
}

async function runPlan(plan: RestorePlan, request: RestoreTreeRequest, thread: TreeSink): Promise<void> {
  const { ops, needs } = plan;
  const { listing, reader, checks = 'seal' } = request;
  let done = needs[0]?.opsAt ?? ops.length;
  await thread.send(ops.subarray(0, done), []);
  const ids = needs.map(({ chunk }) => listing.chunkId(chunk));
  // Each file has a checksum of all its bytes, which the thread compares.
  const opened = reader.readMany(ids, checks)[Symbol.asyncIterator]();
  let sending: SentChunk[] = [];
  let sendingBytes = 0;
  try {
    for (const { chunk, opsAt } of needs) {
      const bytes = await nextChunk(opened, chunk, request, thread);
      if (sendingBytes >= messageBytes) {
        await thread.send(ops.subarray(done, opsAt), sending);
        done = opsAt;
        sending = [];
        sendingBytes = 0;
      }
      sending.push({ chunk, bytes: inOwnMemory(bytes) });
      sendingBytes += bytes.length;
    }
    await thread.send(ops.subarray(done), sending);
  } finally {
    endQuietly(opened);
  }
}

async function nextChunk(
  opened: AsyncIterator<Buffer>,
  chunk: number,
  request: RestoreTreeRequest,
  thread: TreeSink,
): Promise<Buffer> {
  try {
    const result = await thread.whileRunning(opened.next());
    if (result.done === true) {
      throw new Error('The reader of chunks ended early');
    }
    return result.value;
  } catch (error) {
    if (error instanceof AppError && error.kind === 'damaged') {
      throw await namingFiles(error, chunk, request);
    }
    throw error;
  }
}

async function namingFiles(error: AppError, chunk: number, request: RestoreTreeRequest): Promise<AppError> {
  const { named, count } = await filesOfChunk(request, chunk);
  const more = count > named.length ? ` and ${String(count - named.length)} more` : '';
  return new AppError(
    'damaged',
    `A part of this backup is damaged, which these files need: ${named.join(', ')}${more}. ` +
      'Restore them from another backup; everything else can be restored by its path.',
    { cause: error, details: { ...error.details, files: named } },
  );
}

function platformNotes(): readonly Finding[] {
  const problem = libcProblem();
  if (problem === undefined) {
    return [];
  }
  return [{ code: 'times-rounded', message: `Times were kept to the microsecond only, since ${problem}.` }];
}

function throttled(onProgress: RestoreTreeRequest['onProgress']): (counts: TreeCounts) => void {
  let nextAt = 0;
  return (counts) => {
    const now = performance.now();
    if (onProgress !== undefined && now >= nextAt) {
      nextAt = now + progressMs;
      onProgress(counts);
    }
  };
}
