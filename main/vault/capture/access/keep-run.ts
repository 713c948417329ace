import fs from 'node:fs';
import type { MessagePort } from 'node:worker_threads';
import { AppError, messageOf } from '../../../../shared/lib/app-error.ts';
import type { KeepTask } from '../thread/capture-messages.ts';
import { writeWhole } from '../select/stream-file.ts';
import { AccessLink } from './access-link.ts';

/** Keeps a stream in a file, in a thread: whatever main's own calls of the file system wait for, this goes on. */
export function runKeep(task: KeepTask, port: MessagePort): void {
  const link = new AccessLink(port, task.flags);
  try {
    keep(task, link);
    link.send({ type: 'done' });
  } catch (error) {
    const kind = error instanceof AppError ? error.kind : 'failed';
    link.send({ type: 'failed', kind, message: messageOf(error) });
  }
}

function keep({ file, mostBytes }: KeepTask, link: AccessLink): void {
  const fd = fs.openSync(file, 'wx', 0o600);
  try {
    let length = 0;
    for (let piece = link.take(); piece !== undefined; piece = link.take()) {
      link.check();
      length += piece.length;
      if (length > mostBytes) {
        throw new AppError('failed', 'More changed than there is room for while nothing runs.');
      }
      writeWhole(fd, piece);
    }
  } finally {
    fs.closeSync(fd);
  }
}
