import { describe, expect, it } from 'vitest';
import { threadEntry } from '../../../../main/platform/thread-entry.ts';
import { runJob, type JobLimits, type JobResult } from '../../../../main/trinity/sqlite/run-job.ts';

const long = 60_000;
const signal = new AbortController().signal;

function runStuck(file: string, limits: Partial<JobLimits>): Promise<JobResult> {
  const entry = threadEntry(import.meta.url, './stuck.child.ts');
  return runJob(
    { job: 'check', file, scratch: '', depth: 'quick' },
    { signal, totalMs: long, ...limits },
    entry,
  );
}

describe('runJob', () => {
  it('ends the child as busy, when it locks writers out for longer than its budget', async () => {
    await expect(runStuck('locks', { lockedMs: 20 })).rejects.toMatchObject({ kind: 'busy' });
  });

  it('ends the child at its limit, when it has unlocked in time but never answers', async () => {
    await expect(runStuck('unlocks', { lockedMs: 1000, totalMs: 1500 })).rejects.toMatchObject({
      kind: 'unavailable',
    });
  });

  it('rejects as unavailable, when the child dies or answers nonsense', async () => {
    await expect(runStuck('exits', {})).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(runStuck('babbles', {})).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('ends the child and gives the reason, when it is cancelled', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 50);
    await expect(runStuck('hangs', { signal: controller.signal })).rejects.toThrow('enough');
  });
});
