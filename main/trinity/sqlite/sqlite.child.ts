import { messageOf } from '../../../shared/lib/app-error.ts';
import { runCheck } from './check-job.ts';
import { runCopy } from './copy-job.ts';
import type { SqliteEvent, SqliteJob } from './job.ts';

// Entry of a child process that does one job on one database and can be killed at any time: SQLite calls block, and a hostile
// database may never end. The job comes as its first message, from code of ours.
function send(event: SqliteEvent): void {
  process.send?.(event);
}

async function run(job: SqliteJob): Promise<SqliteEvent> {
  try {
    return job.job === 'copy' ? await runCopy(job, (event) => send({ event })) : runCheck(job);
  } catch (error) {
    return { event: 'failed', reason: 'unchecked', message: messageOf(error) };
  }
}

process.umask(0o077);
// The parent died, or has what it wanted.
process.once('disconnect', () => process.exit());
process.once('message', (job: SqliteJob) => {
  void run(job).then(send);
});
