import { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openDockerEngine, type DockerEngine } from '../../../../main/trinity/docker/docker-engine.ts';
import type { HelperSpec } from '../../../../main/trinity/docker/engine-helpers.ts';
import { threadEntry } from '../../../../main/platform/thread-entry.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { startChild } from '../../../helpers/child-process.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { secondEngine, sharedEngine } from '../../../services/docker/test-engine.ts';
import { makeTinyImage, tinyImage } from './tiny-image.ts';

const { signal } = new AbortController();
const secret = 'hush-hush-hush';
let engine: DockerEngine;

beforeAll(async () => {
  engine = await openDockerEngine(`unix://${sharedEngine().socket}`);
  await makeTinyImage(engine, signal);
});

const spec: HelperSpec = { image: tinyImage, command: ['sleep', '1000'], labels: {}, mounts: [] };

async function volume(name: string, labels: Readonly<Record<string, string>> = {}): Promise<string> {
  await engine.createVolume({ name, driver: 'local', labels, options: {} }, signal);
  onTestFinished(async () => await engine.removeVolume(name, signal));
  return name;
}

async function container(changes: Partial<HelperSpec>): Promise<string> {
  const id = await engine.createContainer({ ...spec, ...changes }, signal);
  onTestFinished(async () => await engine.removeContainer(id, signal));
  return id;
}

async function running(changes: Partial<HelperSpec> = {}): Promise<string> {
  const id = await container(changes);
  await engine.start(id, signal);
  return id;
}

async function failureOf(work: Promise<unknown>): Promise<AppError> {
  const error = await rejectionOf(work);
  if (!(error instanceof AppError)) throw new Error('It is no AppError.', { cause: error });
  expect(error.message).not.toContain(secret);
  return error;
}

async function textOf(stream: Readable): Promise<string> {
  return Buffer.concat(await stream.toArray()).toString('utf8');
}

describe('containers', () => {
  it('tells of a container what a backup has to know, and nothing of its environment', async () => {
    const name = await volume('facts-volume');
    const id = await running({
      name: 'facts',
      labels: { 'trinity.platform': 'agent' },
      environment: { PW: secret },
      mounts: [{ kind: 'volume', source: name, target: '/data', writable: false }],
      tmpfs: { '/tmp': 'size=1m' },
    });
    const facts = await engine.inspectContainer('facts', signal);
    expect(facts).toMatchObject({
      id,
      name: 'facts',
      state: 'running',
      restartPolicy: { name: 'no', maximumRetryCount: 0 },
      image: { name: tinyImage },
      labels: { 'trinity.platform': 'agent' },
      networkMode: 'none',
      publishedPorts: [],
    });
    expect(facts?.startedAt).toMatch(/^20\d\d-.*Z$/u);
    expect(facts?.mounts).toEqual([
      {
        kind: 'volume',
        volume: name,
        source: sharedEngine().volumeData(name),
        target: '/data',
        writable: false,
      },
      { kind: 'tmpfs', volume: undefined, source: '', target: '/tmp', writable: true },
    ]);
    expect(JSON.stringify(facts)).not.toContain(secret);
    expect(await engine.environmentOf(id, ['PW', 'NONE'], signal)).toEqual(new Map([['PW', secret]]));
    expect(await engine.environmentOf(id, ['OTHER'], signal)).toEqual(new Map());
  });

  it('lists by labels, and takes one that is not there for none', async () => {
    await running({ name: 'listed-one', labels: { kind: 'agent' } });
    await container({ name: 'listed-two', labels: { kind: 'other' } });
    const names = async (value: string | undefined, all: boolean): Promise<readonly string[]> =>
      (await engine.listContainers({ labels: { kind: value }, all }, signal)).map(({ name }) => name);
    expect(await names('agent', true)).toEqual(['listed-one']);
    expect(await names(undefined, true)).toEqual(['listed-one', 'listed-two']);
    expect(await names(undefined, false)).toEqual(['listed-one']);
    expect(await engine.inspectContainer('no-such', signal)).toBeUndefined();
    expect((await failureOf(engine.environmentOf('no-such', ['A'], signal))).kind).toBe('not-found');
  });

  it('pauses, resumes, stops, starts and removes; says so where it cannot', async () => {
    const id = await running();
    const state = async (): Promise<string | undefined> => (await engine.inspectContainer(id, signal))?.state;
    await engine.pause(id, signal);
    expect(await state()).toBe('paused');
    expect(await failureOf(engine.pause(id, signal))).toMatchObject({
      kind: 'busy',
      details: { status: 409 },
    });
    expect((await failureOf(engine.exec(id, { command: ['env'] }, signal))).kind).toBe('busy');
    await engine.unpause(id, signal);
    await engine.start(id, signal);
    await engine.setRestartPolicy(id, { name: 'on-failure', maximumRetryCount: 3 }, signal);
    expect((await engine.inspectContainer(id, signal))?.restartPolicy).toEqual({
      name: 'on-failure',
      maximumRetryCount: 3,
    });
    await engine.stop(id, 0, signal);
    await engine.stop(id, 0, signal);
    expect(await state()).toBe('exited');
    await engine.removeContainer(id, signal);
    await engine.removeContainer(id, signal);
    expect((await failureOf(engine.unpause(id, signal))).kind).toBe('not-found');
  });
});

describe('processes', () => {
  it('runs a program with stdin, stdout, stderr and exit code apart', async () => {
    const id = await running({ environment: { FROM: 'container' } });
    const command = ['sh', '-c', 'echo "$FROM $PW" >&2; cat; exit 7'];
    await using cat = await engine.exec(id, { command, environment: { PW: secret }, stdin: true }, signal);
    const sent = Buffer.alloc(3_000_000, 'abcdefg');
    cat.stdin.end(sent);
    expect(Buffer.concat(await cat.stdout.toArray()).equals(sent)).toBe(true);
    expect(await cat.exitCode()).toBe(7);
    expect(cat.stderrText()).toBe(`container ${secret}\n`);
  });

  it('keeps the end of an stderr without end', async () => {
    const id = await running();
    const command = ['sh', '-c', 'head -c 2000000 /dev/zero >&2; echo done >&2'];
    await using noisy = await engine.exec(id, { command }, signal);
    await textOf(noisy.stdout);
    expect(await noisy.exitCode()).toBe(0);
    expect(noisy.stderrText().length).toBe(16 * 1024);
    expect(noisy.stderrText().endsWith('\0done\n')).toBe(true);
  });

  it('lets a slow reader take its time, and a fast one be cut off by the signal', async () => {
    const id = await running();
    const controller = new AbortController();
    const silenceMs = 3000;
    const endless = { command: ['cat', '/dev/zero'], silenceMs };
    await using process = await engine.exec(id, endless, controller.signal);
    const parts = process.stdout[Symbol.asyncIterator]();
    await parts.next();
    await new Promise((resolve) => {
      setTimeout(resolve, silenceMs + 500);
    });
    expect((await parts.next()).done).toBe(false);
    controller.abort(new AppError('cancelled', 'The command was cancelled.'));
    const drained = async (): Promise<void> => {
      while ((await parts.next()).done !== true);
    };
    expect((await failureOf(drained())).kind).toBe('cancelled');
  });

  it('says that a process is silent for too long', async () => {
    const id = await running();
    await using silent = await engine.exec(id, { command: ['sleep', '100'], silenceMs: 200 }, signal);
    expect((await failureOf(silent.stdout.toArray())).details).toMatchObject({ stalled: true });
  });

  it('serves a helper by its own stdin and stdout, and gives its exit code', async () => {
    const id = await container({ command: ['sh', '-c', 'cat; id -u >&2; exit 5'], stdin: true });
    await using process = await engine.attach(id, { stdin: true }, signal);
    await engine.start(id, signal);
    process.stdin.end('to the helper');
    expect(await textOf(process.stdout)).toBe('to the helper');
    expect(await engine.waitForExit(id, signal)).toBe(5);
    expect(process.stderrText()).toBe('0\n');
  });
});

describe('volumes', () => {
  it('makes a volume exactly as asked, never over one that is there', async () => {
    await volume('exact', { 'trinity.agent-name': 'echo' });
    const found = await engine.inspectVolume('exact', signal);
    expect(found).toMatchObject({ driver: 'local', labels: { 'trinity.agent-name': 'echo' }, options: {} });
    expect(found?.mountpoint).toBe(sharedEngine().volumeData('exact'));
    expect((await engine.listVolumes(signal)).map(({ name }) => name)).toContain('exact');
    const again = engine.createVolume({ name: 'exact', driver: 'local', labels: {}, options: {} }, signal);
    expect((await failureOf(again)).kind).toBe('refused');
    expect((await engine.inspectVolume('exact', signal))?.labels).toEqual({ 'trinity.agent-name': 'echo' });
  });

  it('makes no volume by asking for it, nor by a helper that would mount it', async () => {
    expect(await engine.inspectVolume('gone', signal)).toBeUndefined();
    const mounts = [{ kind: 'volume', source: 'gone', target: '/v', writable: true }] as const;
    const failure = await failureOf(engine.createContainer({ ...spec, mounts }, signal));
    expect(failure).toMatchObject({ kind: 'not-found', message: expect.stringContaining('gone') });
    expect(await engine.inspectVolume('gone', signal)).toBeUndefined();
  });

  it('does not remove a volume that a container mounts', async () => {
    const name = await volume('in-use');
    await container({ mounts: [{ kind: 'volume', source: name, target: '/v', writable: true }] });
    expect((await failureOf(engine.removeVolume(name, signal))).kind).toBe('busy');
    await engine.removeVolume('never-was', signal);
  });
});

describe('helpers', () => {
  it('has no network, no writable root, no capability and no leave to gain any', async () => {
    const id = await running({
      command: ['sh', '-c', 'ls /sys/class/net; echo x > /file; cat /proc/self/status'],
    });
    expect(await engine.waitForExit(id, signal)).toBe(0);
    const facts = await engine.inspectContainer(id, signal);
    expect(facts?.networkMode).toBe('none');
    const again = await container({ command: ['sh', '-c', 'echo x > /file || cat /proc/self/status'] });
    await using process = await engine.attach(again, { stdin: false }, signal);
    await engine.start(again, signal);
    const status = await textOf(process.stdout);
    expect(status).toMatch(/CapEff:\s+0{16}\n/u);
    expect(status).toMatch(/NoNewPrivs:\s+1\n/u);
    expect(process.stderrText()).toContain('Read-only file system');
  });

  it('says which image is missing, and pulls none', async () => {
    const failure = await failureOf(engine.createContainer({ ...spec, image: 'no.such/image:1' }, signal));
    expect(failure).toMatchObject({ kind: 'not-found', message: expect.stringContaining('no.such/image:1') });
    expect(await engine.inspectImage('no.such/image:1', signal)).toBeUndefined();
  });

  it('writes and reads an archive through a container of an empty image that never ran', async () => {
    const repository = 'trinity-test-empty';
    const empty = pack();
    empty.finalize();
    await engine.importImage(Readable.from(empty), { repository, tag: '1' }, signal);
    onTestFinished(async () => await engine.removeImage(`${repository}:1`, signal));
    const name = await volume('archived');
    const mounts = [{ kind: 'volume', source: name, target: '/v', writable: true }] as const;
    const id = await container({ image: `${repository}:1`, mounts, writableRoot: true });
    const archive = pack();
    archive.entry({ name: 'v/file', mode: 0o640, uid: 1000, gid: 1001 }, 'content');
    archive.finalize();
    await engine.putArchive(id, '/', Readable.from(archive), signal);
    const entries: string[] = [];
    const reader = (await engine.getArchive(id, '/v', signal)).pipe(extract());
    for await (const entry of reader) {
      const { name: path, mode, uid, gid } = entry.header;
      entries.push(
        `${path} ${((mode ?? 0) & 0o777).toString(8)} ${String(uid)}:${String(gid)} ${await textOf(Readable.from(entry))}`,
      );
    }
    expect(entries.at(-1)).toBe('v/file 640 1000:1001 content');
    expect((await failureOf(engine.getArchive(id, '/none', signal))).kind).toBe('not-found');
  });
});

describe('the engine itself', () => {
  it('tells who it is', async () => {
    await engine.ping(signal);
    const facts = await engine.facts(signal);
    expect(facts).toMatchObject({ rootFolder: sharedEngine().place.dataRoot, isRemapped: false });
    expect(facts.id).toMatch(/^[0-9a-f]{32}$/u);
  });

  it('says that it is gone, when it ends while it is asked', async () => {
    const second = await secondEngine();
    const other = await openDockerEngine(`unix://${second.socket}`);
    await makeTinyImage(other, signal);
    const id = await other.createContainer(spec, signal);
    await other.start(id, signal);
    const waiting = failureOf(other.waitForExit(id, signal));
    await using process = await other.exec(id, { command: ['cat', '/dev/zero'] }, signal);
    await process.stdout[Symbol.asyncIterator]().next();
    await second.stop('SIGKILL');
    expect(await waiting).toMatchObject({ kind: 'unavailable', details: { engineGone: true } });
    await textOf(process.stdout).catch(() => undefined); // a frame may end where the connection does
    // Asked before or after its end is noticed: the sentences differ.
    const gone = { kind: 'unavailable', details: { engineGone: true } };
    expect(await failureOf(process.exitCode())).toMatchObject(gone);
  });

  it('tells a user without rights to its socket what to do', async () => {
    const entry = threadEntry(import.meta.url, './engine-user.child.ts');
    const child = startChild(entry, [`unix://${sharedEngine().socket}`]);
    expect(await child.line()).toContain('Add the user to the group docker');
  });
});
