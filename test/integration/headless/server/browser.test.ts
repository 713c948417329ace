import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { onTestFinished, describe, expect, it } from 'vitest';
import { createClient } from '../../../../shared/ipc/client.ts';
import { type RestLab, sharedRestLab } from '../../../helpers/rest-lab.ts';

const shared = sharedRestLab({ isSetUp: true });

/** What a stream of events tells, line by line, without the empty ones. */
async function* streamOf(lab: RestLab): AsyncGenerator<string> {
  const asked = request({
    host: '127.0.0.1',
    port: lab.server.port,
    path: '/events',
    headers: { authorization: `Bearer ${lab.token}` },
  });
  const { promise, resolve, reject } = Promise.withResolvers<NodeJS.ReadableStream>();
  asked.on('response', resolve).on('error', reject).end();
  onTestFinished(() => void asked.destroy());
  for await (const line of createInterface({ input: await promise })) {
    if (line !== '') yield line;
  }
}

async function nextOf(lines: AsyncGenerator<string>): Promise<string> {
  const { value } = await lines.next();
  return String(value);
}

describe('the contract over HTTP', () => {
  it('gives a client what the engine answers, and its errors', async () => {
    const lab = shared();
    const client = createClient({
      call: async (name, input) =>
        (await lab.ask({ method: 'POST', path: `/ipc/${name}`, body: input })).json,
      subscribe: () => () => undefined,
    });
    expect(await client.call('status.get', {})).toMatchObject({ state: 'first backup' });
    const { taskId } = await client.call('backup.start', { note: 'from a page' });
    await lab.application.tasks.get(taskId).done;
    const task = await client.call('tasks.get', { taskId });
    expect(task).toMatchObject({ operation: 'backup', state: 'succeeded' });
    const { backups, total } = await client.call('backups.list', {});
    expect(backups).toMatchObject([{ note: 'from a page' }]);
    expect(total).toBe(1);
    const backupId = backups[0]?.backupId ?? '';
    const place = { backupId, component: 'memory', volume: 'agent-one-workspace', path: '' };
    const page = await client.call('backups.files', { ...place, limit: 2 });
    expect(page.files).toHaveLength(2);
    const rest = await client.call('backups.files', { ...place, after: page.next ?? '' });
    expect(rest.next).toBeNull();
    expect(new Set([...page.files, ...rest.files].map(({ path }) => path))).toContain('notes.txt');
    await expect(client.call('backups.show', { backupId: '000000000000' })).rejects.toMatchObject({
      name: 'AppError',
      kind: 'not-found',
    });
    const { runs } = await client.call('history.list', {});
    expect(runs[0]).toMatchObject({ operation: 'backup', backupId });
  });

  it.each([
    ['/ipc/nothing.there', {}, 404],
    ['/ipc/constructor', {}, 404],
    ['/ipc/backups.show', { backupId: 'x' }, 400],
    ['/ipc/backups.show', { backupId: '000000000000' }, 404],
    ['/ipc/status.get', { more: 1 }, 400],
    ['/ipc/settings.set', { path: ['enabled'], value: 'nonsense' }, 400],
  ])('answers %s with %j by an envelope and %i', async (path, body, status) => {
    const answer = await shared().ask({ method: 'POST', path, body });
    expect(answer).toMatchObject({ status, json: { ok: false } });
  });

  it('tells what happens, to a page that comes late what goes on', async () => {
    const lab = shared();
    const early = streamOf(lab);
    expect(await nextOf(early)).toBe(':');
    const gate = Promise.withResolvers<void>();
    const run = lab.application.engine.exclusively(
      'backup',
      { signal: new AbortController().signal, onProgress: () => undefined, runId: 'run-of-test' },
      async ({ onProgress }) => {
        onProgress({ phase: 'copy', done: 1, total: 2, unit: 'files', detail: 'x' });
        await gate.promise;
      },
    );
    const late = streamOf(lab);
    for (const lines of [early, late]) {
      await untilLine(lines, 'event: runStarted');
      expect(JSON.parse((await nextOf(lines)).slice('data: '.length))).toMatchObject({
        runId: 'run-of-test',
      });
      await untilLine(lines, 'event: runProgress');
      expect(await nextOf(lines)).toContain('"done":1');
    }
    gate.resolve();
    await run;
    for (const lines of [early, late]) await untilLine(lines, 'event: runFinished');
  });

  it('does not wait for pages that stay open when the server ends', async () => {
    const { RestServer } = await import('../../../../main/headless/server/rest-server.ts');
    const { application, token } = shared();
    const server = await RestServer.start({
      application,
      port: 0,
      pagesFolder: undefined,
      onUnexpected: () => undefined,
    });
    const asked = request({
      host: '127.0.0.1',
      port: server.port,
      path: '/events',
      headers: { authorization: `Bearer ${token}` },
    });
    const opened = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    asked.on('response', (response) => {
      response.resume().on('error', () => undefined);
      response.on('close', closed.resolve);
      opened.resolve();
    });
    asked.on('error', () => undefined).end();
    await opened.promise;
    await server[Symbol.asyncDispose]();
    await closed.promise;
  });
});

async function untilLine(lines: AsyncGenerator<string>, wanted: string): Promise<void> {
  for (;;) if ((await nextOf(lines)) === wanted) return;
}
