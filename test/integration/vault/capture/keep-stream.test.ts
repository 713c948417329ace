import type { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import { warmThreads } from '../../../../main/vault/capture/access/keep-stream.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';

describe('warmThreads', () => {
  it('leaves no thread behind that would keep the process, when it is cancelled', async () => {
    const workers: Worker[] = [];
    const add = (worker: Worker): void => void workers.push(worker);
    process.on('worker', add);
    onTestFinished(() => void process.off('worker', add));
    const signal = AbortSignal.abort();
    expect(await rejectionOf(warmThreads(2, signal))).toMatchObject({ kind: 'cancelled' });
    // Told of in a later turn.
    await expect.poll(() => workers).toHaveLength(2);
    await Promise.all(workers.map(ended));
  });
});

async function ended(worker: Worker): Promise<void> {
  if (worker.threadId !== -1) await new Promise((resolve) => worker.once('exit', resolve));
}
