import { request } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Client, createClient } from '../../../../shared/ipc/client.ts';
import { writeCrashInstall } from '../../crash/crash-install.ts';
import { unwatched } from '../../../helpers/tiny-engine.ts';
import { type RestLab, sharedRestLab } from '../../../helpers/rest-lab.ts';

const shared = sharedRestLab({ isSetUp: true });

function clientOf(lab: RestLab): Client {
  return createClient({
    call: async (name, input) => (await lab.ask({ method: 'POST', path: `/ipc/${name}`, body: input })).json,
    subscribe: () => () => undefined,
  });
}

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
    const client = clientOf(lab);
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
    const rest = await client.call('backups.files', { ...place, offset: 2 });
    expect([page.total, rest.total]).toEqual(Array.from({ length: 2 }, () => 2 + rest.files.length));
    expect(new Set([...page.files, ...rest.files].map((file) => file.path))).toContain('notes.txt');
    await expect(client.call('backups.show', { backupId: '000000000000' })).rejects.toMatchObject({
      name: 'AppError',
      kind: 'not-found',
    });
    const { runs } = await client.call('history.list', {});
    expect(runs[0]).toMatchObject({ operation: 'backup', backupId });
  });

  it('gives pages what they show', async () => {
    const lab = shared();
    const client = clientOf(lab);
    const home = await client.call('home.get', {});
    expect(home).toMatchObject({ installFolder: lab.install, vaultLocation: path.join(lab.base, 'vault') });
    const size = await client.call('vault.size', {});
    expect(size.storedBytes).toBeGreaterThan(0);
    expect(size.contentBytes).toBeGreaterThan(800_000);
    expect(await client.call('retention.preview', {})).toMatchObject({ dryRun: true, pruned: [] });
    const added = await client.call('copies.add', { location: path.join(lab.base, 'copy'), name: 'second' });
    expect(added).toMatchObject({ name: 'second', isNew: true });
    await copied(lab, client);
    expect(await client.call('copies.list', {})).toMatchObject([{ name: 'second', lacks: 0 }]);
    expect((await client.call('notices.list', {})).sinks.length).toBeGreaterThan(0);
    expect(await client.call('schedule.get', {})).toMatchObject({ state: 'off', isPaused: false });
    expect(await client.call('schedule.pause', {})).toMatchObject({ isPaused: true, pausedUntil: null });
    expect(await client.call('schedule.resume', {})).toMatchObject({ isPaused: false });
    expect(await client.call('run.cancel', {})).toEqual({ cancelled: false });
    expect(await client.call('entitlements.get', {})).toMatchObject({ edition: 'enterprise' });
    expect((await client.call('api.token', { isNew: false })).token).toBe(lab.token);
    expect(await client.call('settings.set', { path: ['exclude'], value: ['*.iso'] })).toMatchObject({
      exclude: ['*.iso'],
    });
    expect(await client.call('settings.get', {})).toMatchObject({ exclude: ['*.iso'] });
  });

  it('looks at another install without taking it', async () => {
    const lab = shared();
    const client = clientOf(lab);
    const other = path.join(lab.base, 'other');
    writeCrashInstall({ install: other, volumes: path.join(lab.base, 'other-volumes') });
    const question = { folder: other, volumesRoot: path.join(lab.base, 'other-volumes') };
    expect((await client.call('setup.probe', question)).report).toMatchObject({ folder: other });
    expect(await client.call('home.get', {})).toMatchObject({ installFolder: lab.install });
  });

  it('shows a recovery kit whose key opens the vault, and keeps nothing of it', async () => {
    const lab = shared();
    const client = clientOf(lab);
    const { html, keyId } = await client.call('keys.recoveryKitPage', {});
    const key = /\b(?:[A-Z0-9]{6}-){5}[A-Z0-9]{6}\b/u.exec(html)?.[0] ?? '';
    expect(await lab.application.run('recoveryKeyCheck', { recoveryKey: key }, unwatched)).toMatchObject({
      keyId,
    });
  });

  it.each([
    ['/ipc/nothing.there', {}, 404],
    ['/ipc/constructor', {}, 404],
    ['/ipc/backups.show', { backupId: 'x' }, 400],
    ['/ipc/backups.show', { backupId: '000000000000' }, 404],
    ['/ipc/status.get', { more: 1 }, 400],
    ['/ipc/settings.set', { path: ['enabled'], value: 'nonsense' }, 400],
  ])('answers %s with %j by an envelope and %i', async (where, body, status) => {
    const answer = await shared().ask({ method: 'POST', path: where, body });
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
    try {
      for (const lines of [early, late]) {
        await untilEvent(lines, 'runStarted');
        expect(await untilEvent(lines, 'runProgress')).toMatchObject({ done: 1, total: 2 });
      }
    } finally {
      gate.resolve();
    }
    await run;
    for (const lines of [early, late]) {
      expect(await untilEvent(lines, 'runFinished')).toMatchObject({ outcome: 'succeeded' });
    }
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

/** The application may have begun by itself: then it is asked again. */
async function copied(lab: RestLab, client: Client): Promise<void> {
  for (;;) {
    const { taskId } = await client.call('copies.run', { name: 'second' });
    await lab.application.tasks.get(taskId).done;
    const task = await client.call('tasks.get', { taskId });
    if (task.error?.kind === 'busy') continue;
    expect(task).toMatchObject({ operation: 'copiesRun', state: 'succeeded', error: null });
    return;
  }
}

/** The next event of this name of the run of the test; others go on beside it. */
async function untilEvent(lines: AsyncGenerator<string>, name: string): Promise<unknown> {
  for (;;) {
    if ((await nextOf(lines)) !== `event: ${name}`) continue;
    const event: unknown = JSON.parse((await nextOf(lines)).slice('data: '.length));
    if (z.looseObject({ runId: z.literal('run-of-test') }).safeParse(event).success) return event;
  }
}
