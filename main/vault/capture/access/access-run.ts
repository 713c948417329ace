import type { MessagePort } from 'node:worker_threads';
import { AppError, messageOf } from '../../../../shared/lib/app-error.ts';
import { syncFileSystem } from '../../../platform/libc.ts';
import { RawEntry } from '../../listing/raw-entry.ts';
import type { AccessTask } from '../thread/capture-messages.ts';
import { compileExclude, nameSet } from '../walk/exclude.ts';
import { openRoot } from '../walk/open-root.ts';
import { ContentRecordWriter } from '../records/content-record-writer.ts';
import { TreeRecordWriter } from '../records/tree-record-writer.ts';
import { WantedReader } from '../records/wanted-records.ts';
import { TreeWalk } from '../walk/tree-walk.ts';
import { AccessLink } from './access-link.ts';
import { ContentSender } from './content-sender.ts';
import { findingsInto, RecordTaker } from './record-taker.ts';

/** Lists a folder or sends its files, in a thread. Says how it ended. */
export function runAccess(task: AccessTask, port: MessagePort): void {
  const link = new AccessLink(port, task.flags);
  try {
    if (task.kind === 'list') {
      list(task, link);
    } else {
      send(task, link);
    }
    link.send({ type: 'done' });
  } catch (error) {
    const kind = error instanceof AppError ? error.kind : 'failed';
    link.send({ type: 'failed', kind, message: messageOf(error) });
  }
}

function list(task: Extract<AccessTask, { kind: 'list' }>, link: AccessLink): void {
  const rootFd = openRoot(task.root);
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  if (task.sync) {
    syncFileSystem(rootFd);
  }
  const writer = new TreeRecordWriter(link.give, link.firstPiece(), {
    nowNs,
    syncedNs: task.sync ? nowNs : 0n,
  });
  const findings = findingsInto(writer);
  const counts = { excludedFiles: 0, excludedBytes: 0 };
  const walk = new TreeWalk({
    entry: new RawEntry(),
    taker: new RecordTaker(writer),
    exclude: compileExclude(task.exclude),
    only: task.only === undefined ? undefined : nameSet(task.only),
    follow: new Set(),
    counts,
    warnings: findings,
    notes: findings,
    onPath: () => {
      link.check();
    },
  });
  walk.run(rootFd);
  writer.finish(counts);
}

function send(task: Extract<AccessTask, { kind: 'send' }>, link: AccessLink): void {
  const wanted = new WantedReader(link.take);
  const writer = new ContentRecordWriter(link.give, link.firstPiece());
  using sender = new ContentSender(openRoot(task.root), writer, () => {
    link.check();
  });
  while (wanted.next()) {
    sender.send(wanted.number, wanted.path);
  }
  writer.finish();
}
