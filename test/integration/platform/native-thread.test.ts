import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { NativeThread } from '../../../main/platform/native-thread.ts';
import { threadEntry } from '../../../main/platform/thread-entry.ts';

function newThread() {
  const gate = new Int32Array(new SharedArrayBuffer(8));
  const thread = new NativeThread(threadEntry(import.meta.url, './libc-user.thread.ts'), {}, { gate });
  const goOn = (): void => {
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
  };
  return { thread, gate, goOn };
}

describe('NativeThread', () => {
  it('gives its thread what it is to have, and the C library', async () => {
    const { thread, gate, goOn } = newThread();
    const answer = once(thread.worker, 'message');
    goOn();
    expect(await answer).toEqual([{ given: { gate }, problem: undefined }]);
    await thread.end();
    expect(thread.worker.threadId).toBe(-1);
  });

  it('is not ended before it has loaded the C library, which would abort the process', async () => {
    const { thread, gate, goOn } = newThread();
    const ending = thread.end();
    goOn();
    await ending;
    expect(Atomics.load(gate, 1)).toBe(1);
  });

  it('can be ended when its file is not there', async () => {
    const thread = new NativeThread(new URL('file:///nothing/here.js'), {});
    const failed = once(thread.worker, 'error');
    await thread.end();
    expect(await failed).toMatchObject([{ code: 'MODULE_NOT_FOUND' }]);
  });
});
