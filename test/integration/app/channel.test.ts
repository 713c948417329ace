import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AppError } from '../../../shared/lib/app-error.ts';
import { runInEngine } from '../../../main/app/channel/engine-client.ts';
import { EngineServer } from '../../../main/app/channel/engine-server.ts';
import type { RunRequest } from '../../../main/app/channel/engine-server.ts';
import { version } from '../../../main/platform/version.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const request = { version, operation: 'list', input: {} };
const onProgress = (): void => undefined;

async function socketFile(): Promise<string> {
  return path.join(await tempFolder(), 'engine.sock');
}

async function serve(file: string, run: RunRequest): Promise<void> {
  const server = await EngineServer.listen(file, run);
  onTestFinished(async () => await server[Symbol.asyncDispose]());
}

async function cancelled(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** Runs a request that is cancelled when it is at work. */
async function runCancelled(file: string, run: RunRequest): Promise<unknown> {
  const cancel = new AbortController();
  const running: RunRequest = async (asked, options) => {
    cancel.abort(new AppError('cancelled', 'The command was cancelled.'));
    await cancelled(options.signal);
    return await run(asked, options);
  };
  await serve(file, running);
  return await runInEngine(file, request, { signal: cancel.signal, onProgress });
}

describe('a command that attached to an engine', () => {
  it('is told what became of the work, when that was done before it could be cancelled', async () => {
    const answer = await runCancelled(await socketFile(), async () => 'done all the same');
    expect(answer).toEqual({ result: 'done all the same' });
  });

  it('is told in the words of the work, when that was cancelled', async () => {
    const file = await socketFile();
    const answer = runCancelled(file, async () => {
      throw new AppError('cancelled', 'Nothing was changed.');
    });
    expect(await rejectionOf(answer)).toMatchObject({ kind: 'cancelled', message: 'Nothing was changed.' });
  });

  it('is cancelled, when it was before it could ask', async () => {
    const file = await socketFile();
    const run: RunRequest = async (_request, options) => {
      await cancelled(options.signal);
      throw options.signal.reason;
    };
    await serve(file, run);
    const signal = AbortSignal.abort(new AppError('cancelled', 'Too late.'));
    const answer = runInEngine(file, request, { signal, onProgress });
    expect(await rejectionOf(answer)).toMatchObject({ kind: 'cancelled' });
  });

  it('goes on without an engine that stands still before it has taken the request', async () => {
    const file = await socketFile();
    const stopped = createServer();
    stopped.listen(file);
    await once(stopped, 'listening');
    onTestFinished(() => void stopped.close());
    const { signal } = new AbortController();
    expect(await runInEngine(file, request, { signal, onProgress }, 50)).toBeUndefined();
  });

  it('does not keep the engine when it stands still with its answer', async () => {
    const file = await socketFile();
    const server = await EngineServer.listen(file, async () => 'an answer', 50);
    const stopped = connect({ path: file, allowHalfOpen: true });
    stopped.write(`${JSON.stringify(request)}\n`);
    await once(stopped, 'data');
    await server[Symbol.asyncDispose]();
    stopped.destroy();
  });
});
