import type { MessagePort } from 'node:worker_threads';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { assertNever } from '../../../shared/lib/assert-never.ts';
import { TreeCounter } from './count/tree-counter.ts';
import type { TreeTally } from './count/tree-tally.ts';
import { TreeComparer } from './tree-comparer.ts';
import type { TreeDifference } from './tree-difference.ts';
import { TreeLosses } from './tree-losses.ts';
import { runTreeOps } from './tree-ops.ts';
import type { TreeOps } from './tree-ops.ts';
import type {
  FromTreeThread,
  SentChunk,
  SentError,
  ToTreeThread,
  TreeCounts,
  TreeJob,
} from './tree-thread.ts';
import { TreeWriter } from './tree-writer.ts';

interface TreeWork extends TreeOps {
  readonly counts: TreeCounts;
  readonly tally?: TreeTally;
  addChunk(chunk: SentChunk): void;
  /** Called once, after everything. */
  end(): readonly TreeDifference[];
}

/** The thread's side of TreeThread: does what it is sent, in order, until the first failure. */
export function runTreeThread(port: MessagePort, job: TreeJob): void {
  const losses = new TreeLosses();
  let work: TreeWork | undefined;
  let failed = false;
  const post = (message: FromTreeThread): void => {
    port.postMessage(message);
  };
  port.on('message', (message: ToTreeThread) => {
    if (failed) {
      return;
    }
    try {
      work ??= startWork(job, losses);
      post(answer(message, work, losses));
    } catch (error) {
      failed = true;
      post({ kind: 'failed', error: sentError(error) });
    }
  });
}

function startWork(job: TreeJob, losses: TreeLosses): TreeWork {
  switch (job.work) {
    case 'write':
      return new TreeWriter(job.folder, job.exact, losses);
    case 'compare':
      return new TreeComparer(job.folder, job.exact, job);
    case 'count':
      return new TreeCounter(job.folder, job);
    default:
      return assertNever(job);
  }
}

function answer(message: ToTreeThread, work: TreeWork, losses: TreeLosses): FromTreeThread {
  switch (message.kind) {
    case 'batch':
      for (const chunk of message.chunks) {
        work.addChunk(chunk);
      }
      runTreeOps(Buffer.from(message.ops.buffer, message.ops.byteOffset, message.ops.length), work);
      return { kind: 'done', weight: message.weight, counts: work.counts };
    case 'end': {
      const differences = work.end();
      const { counts, tally } = work;
      return { kind: 'finished', result: { ...counts, losses: losses.list(), differences, tally } };
    }
    default:
      return assertNever(message);
  }
}

function sentError(error: unknown): SentError {
  if (error instanceof AppError) {
    return { kind: error.kind, message: error.message, details: error.details };
  }
  return { kind: 'failed', message: messageOf(error), details: {} };
}
