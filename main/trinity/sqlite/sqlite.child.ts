import { messageOf } from '../../../shared/lib/app-error.ts';
import { parentPort } from '../../platform/parent-port.ts';
import { runCheck } from './check-job.ts';
import { runCopy } from './copy-job.ts';
import type { SqliteEvent, SqliteJob } from './job.ts';

// Entry of a child process that does one job on one database and can be killed at any time: SQLite calls block, and a hostile
// database may never end. The job comes as its first message, from code of ours.
const { send, onceMessage } = parentPort();

async function run(job: SqliteJob): Promise<SqliteEvent> {
  try {
    return job.job === 'copy' ? await runCopy(job, (event) => send({ event })) : runCheck(job);
  } catch (error) {
    return { event: 'failed', reason: 'unchecked', message: messageOf(error) };
  }
}

process.umask(0o077);
onceMessage((job) => {
  // From code of ours, as it is typed there.
  void run(job as SqliteJob).then(send);
});
