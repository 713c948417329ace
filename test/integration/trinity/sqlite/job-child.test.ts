import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { MessageChild } from '../../../../main/platform/own-processes.ts';
import { startJobChildAhead, takeJobChild } from '../../../../main/trinity/sqlite/job-child.ts';
import { runJob } from '../../../../main/trinity/sqlite/run-job.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const limits = { signal: new AbortController().signal, totalMs: 60_000 };

describe('startJobChildAhead', () => {
  it('serves one job, and the next one has a child of its own', async () => {
    const folder = await tempFolder();
    const file = join(folder, 'database');
    new Database(file).exec('CREATE TABLE t (x); INSERT INTO t VALUES (1)').close();
    using children = new DisposableStack();
    children.use(startJobChildAhead());
    for (let job = 0; job < 2; job += 1) {
      const result = await runJob({ job: 'check', file, scratch: folder, depth: 'quick' }, limits);
      expect(result).toMatchObject({ event: 'checked', problems: [], rowCounts: { t: 1 } });
    }
  });

  it('starts one child, and ends it when there was no job', async () => {
    const first = startJobChildAhead();
    startJobChildAhead();
    const child = takeJobChild();
    // It has its job: disposing is no concern of it.
    first[Symbol.dispose]();
    expect(await answerOf(child)).toMatchObject({ event: 'failed' });
    child.kill();
    await child.gone;

    const unused = startJobChildAhead();
    unused[Symbol.dispose]();
    const other = takeJobChild();
    expect(await answerOf(other)).toMatchObject({ event: 'failed' });
    other.kill();
    await other.gone;
  });
});

/** What a child that lives answers to a job that cannot be done. */
async function answerOf(child: MessageChild): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  child.onMessage(resolve);
  void child.gone.then(() => resolve('it is gone'));
  child.send({ job: 'check', file: '/nonexistent', scratch: '/nonexistent', depth: 'quick' });
  return await promise;
}
