import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pack, type Header } from 'tar-stream';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { setTimes, setXattr } from '../../../main/platform/libc.ts';
import { openDockerEngine, type DockerEngine } from '../../../main/trinity/docker/docker-engine.ts';
import { VolumeHelpers } from '../../../main/trinity/helper/volume-helpers.ts';
import { openListing } from '../../../main/vault/listing/open-listing.ts';
import { restoreTree } from '../../../main/vault/restore/restore-tree.ts';
import { MemoryChunks } from '../../fakes/memory-chunks.ts';
import { captureByRecords } from '../../helpers/record-capture.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { newTarget } from '../../helpers/restore-memory-tree.ts';
import { snapshotTree } from '../../helpers/tree-snapshot.ts';
import { ensureAgentImage } from '../../services/docker/images.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';
import { makeTinyImage, tinyImage } from '../trinity/docker/tiny-image.ts';

// What Docker's archive calls lose without a word: why content is read by helpers. Should an engine mend one of these, its test fails,
// and nothing of ours rests on it.

const { signal } = new AbortController();
const host = `unix://${sharedEngine().socket}`;
const blockBytes = 512;
let engine: DockerEngine;

beforeAll(async () => {
  await ensureAgentImage(sharedEngine());
  engine = await openDockerEngine(host);
  await makeTinyImage(engine, signal);
});

type World = Readonly<{ volume: string; folder: string; container: string }>;

/** A volume, and a container that mounts it at `/v` and never runs. */
async function world(): Promise<World> {
  const volume = `losses-${randomBytes(4).toString('hex')}`;
  const { mountpoint } = await engine.createVolume(
    { name: volume, driver: 'local', labels: {}, options: {} },
    signal,
  );
  onTestFinished(async () => await engine.removeVolume(volume, signal));
  const mounts = [{ kind: 'volume', source: volume, target: '/v', writable: true }] as const;
  const container = await engine.createContainer(
    { image: tinyImage, command: ['sleep', '1'], labels: {}, mounts, writableRoot: true },
    signal,
  );
  onTestFinished(async () => await engine.removeContainer(container, signal));
  return { volume, folder: mountpoint, container };
}

type TarEntry = Partial<Header> & Pick<Header, 'name'>;
type Archive = Readonly<{ bytes: Buffer; entries: readonly Entry[]; isEnded: boolean }>;
type Entry = Readonly<{ name: string; size: number; pax: string }>;

/** Reads an archive as it came; `change` is called when its first bytes are here and the rest waits for us. */
async function archiveOf({ container }: World, change: () => void = () => undefined): Promise<Archive> {
  const parts: Buffer[] = [];
  let isChanged = false;
  for await (const part of await engine.getArchive(container, '/v', signal)) {
    if (!isChanged) change();
    isChanged = true;
    parts.push(Buffer.isBuffer(part) ? part : Buffer.from(String(part)));
  }
  return parsed(Buffer.concat(parts));
}

function parsed(bytes: Buffer): Archive {
  const entries: Entry[] = [];
  let pax = '';
  let at = 0;
  for (; at + blockBytes <= bytes.length && bytes[at] !== 0;) {
    const head = bytes.subarray(at, at + blockBytes);
    const size = Number.parseInt(head.toString('latin1', 124, 136), 8);
    const type = String.fromCharCode(head[156] ?? 0);
    const content = bytes.subarray(at + blockBytes, at + blockBytes + size);
    if (type === 'x') pax = content.toString('latin1');
    else {
      entries.push({ name: head.toString('latin1', 0, 100).replace(/\0.*$/su, ''), size, pax });
      pax = '';
    }
    at += blockBytes + Math.ceil(size / blockBytes) * blockBytes;
  }
  const end = bytes.subarray(at, at + 2 * blockBytes);
  return { bytes, entries, isEnded: end.length === 2 * blockBytes && end.every((byte) => byte === 0) };
}

function entryOf(archive: Archive, name: string): Entry | undefined {
  return archive.entries.find((entry) => entry.name === name);
}

async function put({ container }: World, folder: string, entries: readonly TarEntry[]): Promise<void> {
  const archive = pack();
  for (const header of entries) archive.entry(header, header.type === 'file' ? 'content' : '');
  archive.finalize();
  await engine.putArchive(container, folder, Readable.from(archive), signal);
}

/** The same volume by our own way, restored, beside what it was. */
async function byHelper(
  { volume, folder }: World,
  leaveOut: readonly string[] = [],
  notes: readonly string[] = [],
): Promise<readonly [unknown, unknown]> {
  await using helpers = new VolumeHelpers({ host });
  await using access = await helpers.open({ kind: 'volume', source: volume, containers: [] }, signal);
  const chunks = new MemoryChunks();
  const { result } = await captureByRecords('', chunks, {}, access);
  expect(result.warnings).toStrictEqual([]);
  expect(result.notes.map(({ code }) => code)).toStrictEqual(notes);
  const target = await newTarget();
  const listing = await openListing(chunks, result.listing);
  await restoreTree({ listing, reader: chunks, target, exactMetadata: true, signal });
  return [snapshotTree(target), snapshotTree(folder, (path) => leaveOut.includes(path))];
}

/** More than the buffers between the engine and us hold. */
const largeBytes = 32 * 1024 * 1024;

describe('reading an archive of a volume', () => {
  it('loses attributes and parts of seconds, and swells holes, where a helper keeps them', async () => {
    const place = await world();
    const file = join(place.folder, 'file');
    fs.writeFileSync(file, 'content');
    setXattr(file, Buffer.from('user.kept'), Buffer.from('value'));
    setTimes(file, 1_600_000_000_123_456_789n, 1_600_000_000_123_456_789n);
    fs.writeFileSync(join(place.folder, 'sparse'), 'head');
    fs.truncateSync(join(place.folder, 'sparse'), 4_000_000);
    const archive = await archiveOf(place);
    expect(archive.isEnded).toBe(true);
    const pax = entryOf(archive, 'v/file')?.pax ?? '';
    expect(pax).not.toContain('user.kept');
    expect(pax).not.toContain('123456789');
    expect(archive.bytes.length).toBeGreaterThan(4_000_000);
    const [restored, live] = await byHelper(place);
    expect(restored).toStrictEqual(live);
  });

  it('leaves out a socket, and says nothing', async () => {
    const place = await world();
    fs.writeFileSync(join(place.folder, 'file'), 'content');
    const server = createServer().listen(join(place.folder, 'socket'));
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const archive = await archiveOf(place);
    expect(archive.isEnded).toBe(true);
    expect(archive.entries.map(({ name }) => name.replace(/\/$/u, ''))).toStrictEqual(['v', 'v/file']);
    const [restored, live] = await byHelper(place, ['socket'], ['special-file']);
    expect(restored).toStrictEqual(live);
  });

  it('cuts a file that grows meanwhile, and ends as if all were well', async () => {
    const place = await world();
    fs.writeFileSync(join(place.folder, 'a-large'), Buffer.alloc(largeBytes, 1));
    const log = join(place.folder, 'b-log');
    fs.writeFileSync(log, 'first');
    const archive = await archiveOf(place, () => {
      fs.appendFileSync(join(place.folder, 'a-large'), Buffer.alloc(1_000_000, 2));
      fs.appendFileSync(log, ' second');
    });
    expect(archive.isEnded).toBe(true);
    expect(entryOf(archive, 'v/a-large')?.size).toBe(largeBytes);
    expect(fs.statSync(join(place.folder, 'a-large')).size).toBe(largeBytes + 1_000_000);
    expect(entryOf(archive, 'v/b-log')?.size).toBe('first second'.length);
    const [restored, live] = await byHelper(place);
    expect(restored).toStrictEqual(live);
  });

  it('stops where a file shrinks: what follows is missing, without an end mark and with status 200', async () => {
    const place = await world();
    fs.writeFileSync(join(place.folder, 'a-large'), Buffer.alloc(largeBytes, 1));
    fs.writeFileSync(join(place.folder, 'b-after'), 'content');
    const archive = await archiveOf(place, () => fs.truncateSync(join(place.folder, 'a-large'), 1_000_000));
    expect(archive.isEnded).toBe(false);
    expect(entryOf(archive, 'v/b-after')).toBeUndefined();
    const [restored, live] = await byHelper(place);
    expect(restored).toStrictEqual(live);
  });
});

describe('writing an archive into a volume', () => {
  it('keeps what was there before beside what it brings', async () => {
    const place = await world();
    fs.writeFileSync(join(place.folder, 'older'), 'stays');
    await put(place, '/', [
      { name: 'v/', type: 'directory' },
      { name: 'v/newer', type: 'file' },
    ]);
    expect(fs.readdirSync(place.folder).toSorted()).toStrictEqual(['newer', 'older']);
  });

  it('refuses a relative symlink that leaves the folder, midway, and takes it from the root', async () => {
    const place = await world();
    const link: TarEntry = { name: 'b-link', type: 'symlink', linkname: '../../outside' };
    const entries: readonly TarEntry[] = [{ name: 'a', type: 'file' }, link, { name: 'c', type: 'file' }];
    expect(await rejectionOf(put(place, '/v', entries))).toBeDefined();
    expect(fs.readdirSync(place.folder)).not.toContain('c');
    await put(
      place,
      '/',
      entries.map((entry) => ({ ...entry, name: `v/${entry.name}` })),
    );
    expect(fs.readlinkSync(join(place.folder, 'b-link'))).toBe('../../outside');
    expect(fs.readdirSync(place.folder).toSorted()).toStrictEqual(['a', 'b-link', 'c']);
  });

  it('gives the root of the volume its mode only by an entry of its own', async () => {
    const place = await world();
    const [mode, uid] = [0o710, 1234];
    await put(place, '/v', [
      { name: '.', type: 'directory', mode, uid },
      { name: 'a', type: 'file' },
    ]);
    expect(fs.statSync(place.folder)).not.toMatchObject({ uid });
    await put(place, '/', [{ name: 'v/', type: 'directory', mode, uid }]);
    expect(fs.statSync(place.folder)).toMatchObject({ uid, mode: 0o040000 | mode });
  });
});

describe('making a container', () => {
  it('makes a volume that is not there, empty, unless it is looked up first', async () => {
    const name = `losses-${randomBytes(4).toString('hex')}`;
    onTestFinished(async () => await engine.removeVolume(name, signal));
    const spec = { image: tinyImage, command: ['sleep', '1'], labels: {} };
    const mount = { kind: 'volume', source: name, target: '/v', writable: false } as const;
    expect(await rejectionOf(engine.createContainer({ ...spec, mounts: [mount] }, signal))).toMatchObject({
      kind: 'not-found',
    });
    expect(await engine.inspectVolume(name, signal)).toBeUndefined();
    const { id } = await sharedEngine().client.createContainer({
      Image: tinyImage,
      Cmd: ['sleep', '1'],
      HostConfig: { Mounts: [{ Type: 'volume', Source: name, Target: '/v' }], NetworkMode: 'none' },
    });
    await engine.removeContainer(id, signal);
    expect(await engine.inspectVolume(name, signal)).toBeDefined();
  });
});
