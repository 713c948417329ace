import { once } from 'node:events';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
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
    expect(child.killed).toBe(false);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;

    const unused = startJobChildAhead();
    unused[Symbol.dispose]();
    const other = takeJobChild();
    expect(other.killed).toBe(false);
    other.kill('SIGKILL');
  });
});
