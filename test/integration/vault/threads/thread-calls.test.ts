import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import { threadEntry } from '../../../../main/platform/thread-entry.ts';
import { ThreadCalls } from '../../../../main/vault/threads/thread-calls.ts';
import { startChild } from '../../../helpers/child-process.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';

type Request = Readonly<{ say: unknown }>;

/** A thread that answers what it is told to say; `body` instead does what it says. */
function newThread(body = `parentPort.postMessage({ kind: 'reply', call, reply: request.say });`) {
  const source = `
    const { parentPort } = require('node:worker_threads');
    parentPort.on('message', ({ call, request }) => { ${body} });
  `;
  const worker = new Worker(source, { eval: true });
  onTestFinished(async () => void (await worker.terminate()));
  let deaths = 0;
  const onDeath = (): void => {
    deaths += 1;
  };
  const calls = new ThreadCalls<Request, unknown>(worker, { onDeath });
  return { worker, calls, deaths: () => deaths };
}

async function endOf(worker: Worker): Promise<void> {
  await new Promise((resolve) => worker.once('exit', resolve));
}

describe('ThreadCalls', () => {
  it('waits for the end of the thread, though its last answer comes meanwhile and nothing else is going on', async () => {
    const child = startChild(threadEntry(import.meta.url, './late-answer.child.ts'), []);
    const { code, stderr } = await child.outcome();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await child.line()).toBe('late, ended');
  });

  it('waits for no answer, when the request cannot be sent', async () => {
    const { calls } = newThread();
    expect(await rejectionOf(calls.call({ say: () => undefined }))).toMatchObject({ name: 'DataCloneError' });
    expect(calls.outstanding).toBe(0);
    expect(await calls.call({ say: 'still here' })).toBe('still here');
  });

  it.each([
    ['throws', `throw new Error('a bug');`],
    ['ends', `process.exit();`],
  ])('rejects the calls that wait and all later ones, when the thread %s', async (_, body) => {
    const { worker, calls, deaths } = newThread(body);
    const ended = endOf(worker);
    const waiting = [calls.call({ say: 1 }), calls.call({ say: 2 })].map(rejectionOf);
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ kind: 'failed' });
    expect(deaths()).toBeGreaterThan(0);
    await ended;
    expect(await rejectionOf(calls.call({ say: 3 }))).toMatchObject({ kind: 'failed' });
    expect(calls.outstanding).toBe(0);
  });

  it('rejects what waits and ends the thread, when an answer cannot be read', async () => {
    const { worker, calls } = newThread('');
    const ended = endOf(worker);
    const waiting = rejectionOf(calls.call({ say: 1 }));
    worker.emit('messageerror', new Error('not readable'));
    expect(await waiting).toMatchObject({ kind: 'failed' });
    await ended;
  });

  it('rejects what waits when it is disposed', async () => {
    const { calls } = newThread('');
    const waiting = rejectionOf(calls.call({ say: 1 }));
    await calls[Symbol.asyncDispose]();
    expect(await waiting).toMatchObject({ kind: 'failed' });
  });
});
