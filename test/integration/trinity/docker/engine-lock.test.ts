import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { threadEntry } from '../../../../main/platform/thread-entry.ts';
import { tryLockEngine } from '../../../../main/trinity/docker/engine-lock.ts';
import { startChild } from '../../../helpers/child-process.ts';

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

describe('tryLockEngine', () => {
  it('lets one holder in for each engine, also within a process, until it is disposed', async () => {
    const [one, other] = [randomUUID(), randomUUID()];
    const first = await tryLockEngine(one);
    expect(first).toBeDefined();
    expect(await tryLockEngine(one)).toBeUndefined();
    await using another = await tryLockEngine(other);
    expect(another).toBeDefined();
    await first?.[Symbol.asyncDispose]();
    await first?.[Symbol.asyncDispose]();
    await using second = await tryLockEngine(one);
    expect(second).toBeDefined();
  });

  it('ends with its holder, however that dies', async () => {
    const engineId = randomUUID();
    const child = startChild(threadEntry(import.meta.url, './engine-lock.child.ts'), [engineId]);
    expect(await child.line()).toBe('taken');
    expect(await tryLockEngine(engineId)).toBeUndefined();
    await child.kill();
    await using lock = await tryLockEngine(engineId);
    expect(lock).toBeDefined();
  });

  it.skipIf(!isRoot)('keeps out other users too', async () => {
    const engineId = randomUUID();
    const entry = threadEntry(import.meta.url, './engine-lock.child.ts');
    const other = startChild(entry, [engineId, String(nobody)]);
    expect(await other.line()).toBe('taken');
    expect(await tryLockEngine(engineId)).toBeUndefined();
    const third = startChild(entry, [engineId]);
    expect(await third.line()).toBe('refused');
  });
});
