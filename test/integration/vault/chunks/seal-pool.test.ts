import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SealPool } from '../../../../main/vault/chunks/seal-pool.ts';
import { batchOf, noise, testRing } from '../../../helpers/packed-chunks.ts';

/** What each thread of this process gives way by, of 19 at most; the main thread's first. */
function niceValues(): readonly number[] {
  const threads = readdirSync('/proc/self/task').toSorted((one, other) => Number(one) - Number(other));
  return threads.map((thread) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    // After the name, which may hold spaces, it is the 17th.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
}

describe('SealPool', () => {
  it.skipIf(process.platform !== 'linux')(
    'lets its threads give way to all others, and leaves those alone',
    async () => {
      const before = niceValues();
      const { threadKeys, objectKeys } = testRing();
      const pool = new SealPool(
        { keys: threadKeys, objectKeys, writerGeneration: 1, level: 1 },
        { onPack: ({ giveBack }) => giveBack(), onDeath: () => undefined },
      );
      onTestFinished(async () => await pool[Symbol.asyncDispose]());
      await pool.withBatch(batchOf([noise(100, 1)]), async ({ seal }) => await seal(new Uint8Array([1])));
      const givingWay = niceValues().filter((nice) => nice >= 10);
      expect(givingWay).toHaveLength(before.filter((nice) => nice >= 10).length + 1);
      expect(getPriority(process.pid)).toBe(before[0]);
    },
  );
});
