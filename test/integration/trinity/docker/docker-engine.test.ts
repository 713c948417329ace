import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { openDockerEngine } from '../../../../main/trinity/docker/docker-engine.ts';
import { answer, fakeEngine } from '../../../fakes/fake-engine.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';

const { signal } = new AbortController();
const stallMs = 300;
const secret = 'hush-hush-hush';

async function failure(work: Promise<unknown>): Promise<AppError> {
  const error = await rejectionOf(work);
  if (!(error instanceof AppError)) throw new Error('It is no AppError.', { cause: error });
  expect(error.message).toMatch(/^[A-Z].*\.$/su);
  expect(error.message).not.toContain('\n');
  return error;
}

describe('openDockerEngine, with an engine that misbehaves', () => {
  it('gives up an engine that never answers, and one that stops within its answer', async () => {
    const silent = await openDockerEngine(await fakeEngine(() => undefined), { stallMs });
    expect(await failure(silent.ping(signal))).toMatchObject({
      kind: 'unavailable',
      details: { stalled: true },
    });
    const halting = await fakeEngine((_request, response) => {
      response.writeHead(200);
      response.write('{"ID":');
    });
    const engine = await openDockerEngine(halting, { stallMs });
    expect(await failure(engine.facts(signal))).toMatchObject({
      kind: 'unavailable',
      details: { stalled: true },
    });
  });

  it('ends at once by its signal, whatever the engine does', async () => {
    const engine = await openDockerEngine(await fakeEngine(() => undefined));
    const controller = new AbortController();
    const asked = failure(engine.waitForExit('agent-echo', controller.signal));
    controller.abort(new AppError('cancelled', 'The command was cancelled.'));
    expect((await asked).message).toBe('The command was cancelled.');
    expect(await failure(engine.ping(controller.signal))).toMatchObject({ kind: 'cancelled' });
  });

  it('says that the engine went away, when its answer is cut off', async () => {
    const cut = await fakeEngine((_request, response) => {
      response.writeHead(200, { 'Content-Length': 1000 });
      response.write('{"ID":"x"', () => response.destroy());
    });
    const error = await failure((await openDockerEngine(cut)).facts(signal));
    expect(error).toMatchObject({ kind: 'unavailable', details: { engineGone: true } });
    expect(error.message).toContain('went away');
  });

  it.each(['no json', '{}', '[1]', '"text"'])(
    'takes %s for no answer, and quotes nothing of it',
    async (text) => {
      const engine = await openDockerEngine(await fakeEngine((_request, response) => response.end(text)));
      const error = await failure(engine.inspectVolume('v', signal));
      expect(error.kind).toBe('failed');
      expect(error.message).toContain('no usable answer');
    },
  );

  it('passes on no environment: not in facts, not in errors, not when the engine repeats it', async () => {
    const leaking = await fakeEngine((request, response) => {
      if (request.url?.includes('/exec') === true)
        answer(response, 500, { message: `bad variable PW=${secret}` });
      else answer(response, 200, { Id: 'no id', Config: { Env: [`PW=${secret}`] } });
    });
    const engine = await openDockerEngine(leaking);
    const errors = [
      await failure(engine.inspectContainer('agent-echo', signal)),
      await failure(engine.exec('agent-echo', { command: ['env'], environment: { PW: secret } }, signal)),
    ];
    for (const error of errors) {
      expect(error.message + JSON.stringify(error.details) + String(error.cause)).not.toContain(secret);
    }
    expect(errors[1]?.message).toContain('bad variable PW=…');
  });

  it('bounds what an engine says of its failure', async () => {
    const chatty = await fakeEngine((_request, response) =>
      answer(response, 500, { message: 'x'.repeat(50_000) }),
    );
    const error = await failure((await openDockerEngine(chatty)).pause('agent-echo', signal));
    expect(error.message.length).toBeLessThan(600);
    const endless = await fakeEngine((_request, response) => {
      response.writeHead(500);
      Readable.from(endlessText()).pipe(response);
    });
    expect((await failure((await openDockerEngine(endless)).pause('agent-echo', signal))).kind).toBe(
      'failed',
    );
  });

  it('says that the disk of the engine is full', async () => {
    const message = 'mkdir /var/lib/docker/overlay2/x: no space left on device';
    const full = await fakeEngine((_request, response) => answer(response, 500, { message }));
    const error = await failure((await openDockerEngine(full)).start('agent-echo', signal));
    expect(error.details).toMatchObject({ engineDiskFull: true });
  });

  it('tells an import that fails after its answer has begun', async () => {
    const late = await fakeEngine((request, response) => {
      request.resume();
      request.on('end', () => response.end('{"status":"Importing"}\n{"error":"unexpected EOF"}\n'));
    });
    const engine = await openDockerEngine(late);
    const name = { repository: 'trinity-backup-empty', tag: '1' };
    const error = await failure(engine.importImage(Readable.from([Buffer.alloc(1024)]), name, signal));
    expect(error.message).toContain('unexpected EOF');
  });

  it('passes on the error of what is uploaded as it is', async () => {
    const engine = await openDockerEngine(await fakeEngine((request) => void request.resume()));
    const upload = Readable.from(brokenSource(), { objectMode: false });
    const error = await failure(engine.putArchive('helper', '/', upload, signal));
    expect(error).toMatchObject({ kind: 'damaged', message: 'The backup is damaged here.' });
  });

  it.each([
    ['within the head of a frame', Buffer.from([1, 0, 0])],
    ['within a frame', Buffer.from([1, 0, 0, 0, 0, 0, 0, 9, 65])],
    ['with something else than a frame', Buffer.from('HTTP/1.1 500 no')],
  ])('says that the engine went away, when the output of a process ends %s', async (_where, bytes) => {
    const execs = await fakeEngine(
      (_request, response) => answer(response, 201, { Id: 'a'.repeat(64) }),
      (_request, socket) =>
        socket.end(
          Buffer.concat([
            Buffer.from('HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n'),
            bytes,
          ]),
        ),
    );
    const engine = await openDockerEngine(execs);
    await using cat = await engine.exec('agent-echo', { command: ['cat'] }, signal);
    const error = await failure(cat.stdout.toArray());
    expect(error).toMatchObject({ kind: 'unavailable', details: { engineGone: true } });
  });

  it('undoes a volume that the engine makes, because it went just when a helper was to mount it', async () => {
    const deleted: string[] = [];
    let labels: unknown = {};
    const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const { method, url = '' } = request;
      if (method === 'DELETE') deleted.push(url.replace(/\?.*$/u, ''));
      if (method !== 'POST') return answer(response, 200, { Name: 'v', Driver: 'local', Labels: labels });
      const body = z.object(mountLabels).parse(JSON.parse(await text(request)));
      labels = body.HostConfig.Mounts[0]?.VolumeOptions.Labels;
      return answer(response, 201, { Id: 'a'.repeat(64) });
    };
    const racing = await fakeEngine((request, response) => void respond(request, response));
    const mounts = [{ kind: 'volume', source: 'v', target: '/v', writable: false }] as const;
    const spec = { image: 'i', command: ['cat'], labels: {}, mounts };
    const error = await failure((await openDockerEngine(racing)).createContainer(spec, signal));
    expect(error.kind).toBe('not-found');
    expect(deleted).toEqual([`/containers/${'a'.repeat(64)}`, '/volumes/v']);
  });

  it('refuses names that would be other paths of the engine', async () => {
    const engine = await openDockerEngine(
      await fakeEngine((_request, response) => answer(response, 200, {})),
    );
    expect((await failure(engine.inspectContainer('../volumes', signal))).kind).toBe('refused');
    expect((await failure(engine.removeVolume('a/../../b', signal))).kind).toBe('refused');
  });
});

const mountLabels = {
  HostConfig: z.object({
    Mounts: z.array(z.object({ VolumeOptions: z.object({ Labels: z.record(z.string(), z.string()) }) })),
  }),
};

function* endlessText(): Generator<string> {
  for (;;) yield 'no end '.repeat(1000);
}

async function* brokenSource(): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.alloc(1024));
  throw new AppError('damaged', 'The backup is damaged here.');
}
