import { randomBytes } from 'node:crypto';
import { truncateSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { tryLockMachine } from '../../../main/platform/machine-lock.ts';
import { openDockerEngine, type DockerEngine } from '../../../main/trinity/docker/docker-engine.ts';
import { runLabel, sweepHelpers, VolumeHelpers } from '../../../main/trinity/helper/volume-helpers.ts';
import type { HelperTarget } from '../../../main/trinity/helper/volume-helpers.ts';
import type { InstallEngine } from '../../../main/trinity/install.ts';
import type { TreeAccess } from '../../../main/vault/capture/records/tree-access.ts';
import { openListing } from '../../../main/vault/listing/open-listing.ts';
import { MemoryChunks } from '../../fakes/memory-chunks.ts';
import { captureByRecords } from '../../helpers/record-capture.ts';
import { writeFidelityTree } from '../../helpers/fidelity-tree.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { newTarget } from '../../helpers/restore-memory-tree.ts';
import { restoreTree } from '../../../main/vault/restore/restore-tree.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { snapshotTree } from '../../helpers/tree-snapshot.ts';
import { ensureAgentImage } from '../../services/docker/images.ts';
import { secondEngine, sharedEngine } from '../../services/docker/test-engine.ts';
import { makeTinyImage, tinyImage } from '../trinity/docker/tiny-image.ts';

const { signal } = new AbortController();
const host = `unix://${sharedEngine().socket}`;
let engine: DockerEngine;

beforeAll(async () => {
  await ensureAgentImage(sharedEngine());
  engine = await openDockerEngine(host);
  await makeTinyImage(engine, signal);
});

function installOf(address: string): InstallEngine {
  return { host: address, id: 'engine', volumesFolder: '', isRemapped: false, sharesKernel: true };
}

async function newVolume(
  of: DockerEngine = engine,
): Promise<Readonly<{ target: HelperTarget; folder: string }>> {
  const name = `helped-${randomBytes(4).toString('hex')}`;
  const { mountpoint } = await of.createVolume({ name, driver: 'local', labels: {}, options: {} }, signal);
  onTestFinished(async () => await of.removeVolume(name, signal));
  return { target: { kind: 'volume', source: name, containers: [] }, folder: mountpoint };
}

async function newContainer(image: string, labels: Readonly<Record<string, string>> = {}): Promise<string> {
  const id = await engine.createContainer({ image, command: ['sleep', '60'], labels, mounts: [] }, signal);
  onTestFinished(async () => await engine.removeContainer(id, signal));
  return id;
}

async function helpersNow(of: DockerEngine = engine): Promise<readonly string[]> {
  const found = await of.listContainers({ labels: { [runLabel]: undefined }, all: true }, signal);
  return found.map(({ id }) => id);
}

/** What the processes in a helper were started to do. */
async function programsOf(helper = ''): Promise<readonly string[]> {
  const { Processes: found } = await sharedEngine()
    .client.getContainer(helper)
    .top({ ps_args: '-eo pid,args' });
  const commands = found.map(
    (line: readonly string[]) => /(\w+)(?: \/tree \{\})?$/u.exec(line.at(-1) ?? '')?.[1],
  );
  return commands.toSorted();
}

async function removeHelpers(): Promise<void> {
  for (const id of await helpersNow()) await engine.removeContainer(id, signal);
}

async function listAll(access: TreeAccess): Promise<number> {
  let bytes = 0;
  for await (const piece of access.list({ exclude: [], sync: true, signal })) bytes += piece.length;
  return bytes;
}

describe('VolumeHelpers', () => {
  it('reads a volume as it is, by a container that can do nothing else and is gone after it', async () => {
    const { target, folder } = await newVolume();
    await writeFidelityTree(join(folder, 'tree'));
    truncateSync(join(folder, 'tree/sparse'), 8_000_000);
    await using helpers = new VolumeHelpers(installOf(host));
    const chunks = new MemoryChunks();
    const access = await helpers.open(target, signal);
    const [helper = ''] = await helpersNow();
    const { HostConfig: seen, Config } = await sharedEngine().client.getContainer(helper).inspect();
    expect(seen).toMatchObject({
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: 64,
    });
    expect(seen.CapAdd?.map((name: string) => name.replace('CAP_', ''))).toStrictEqual(['DAC_READ_SEARCH']);
    expect(seen.Mounts).toMatchObject([{ ReadOnly: true, VolumeOptions: { NoCopy: true } }]);
    expect(Config.User).toBe('0:0');
    const { result } = await captureByRecords('', chunks, {}, access);
    await access[Symbol.asyncDispose]();
    expect(result.warnings).toStrictEqual([]);
    const restored = await newTarget();
    const listing = await openListing(chunks, result.listing);
    await restoreTree({ listing, reader: chunks, target: restored, exactMetadata: true, signal });
    const isSpecial = (path: string): boolean => ['tree/fifo', 'tree/socket'].includes(path);
    expect(snapshotTree(restored)).toStrictEqual(snapshotTree(folder, isSpecial));
    expect(await helpersNow()).toStrictEqual([]);
  });

  it('sends little for what is unchanged', async () => {
    const { target, folder } = await newVolume();
    for (let number = 0; number < 20; number += 1) {
      writeFileSync(join(folder, `file-${String(number)}`), randomBytes(100_000));
    }
    await using helpers = new VolumeHelpers(installOf(host));
    const chunks = new MemoryChunks();
    await using first = await helpers.open(target, signal);
    const { result } = await captureByRecords('', chunks, {}, first);
    await using second = await helpers.open(target, signal);
    await captureByRecords('', chunks, { previous: await openListing(chunks, result.listing) }, second);
    expect(first.bytesReceived).toBeGreaterThan(2_000_000);
    expect(second.bytesReceived).toBeLessThan(10_000);
  });

  it('waits to list and to send, and is told by whom it has told all before only what is different', async () => {
    const { target, folder } = await newVolume();
    for (let number = 0; number < 2000; number += 1) writeFileSync(join(folder, String(number)), 'before');
    await using helpers = new VolumeHelpers(installOf(host));
    await using access = await helpers.open(target, signal);
    const since = join(await tempFolder(), 'before');
    await writeFile(since, access.list({ exclude: [], sync: true, again: true, signal }));
    const bytesBefore = access.bytesReceived;
    await access.prepare(signal);
    // Started by then, and each the program it is to be a moment later.
    const programs = async () => await programsOf(...(await helpersNow()));
    await expect.poll(programs).toStrictEqual(['idle', 'list', 'send']);
    writeFileSync(join(folder, '7'), 'changed');
    const after = await buffer(access.list({ exclude: [], sync: false, since, signal }));
    expect(bytesBefore).toBeGreaterThan(100_000);
    expect(access.bytesReceived - bytesBefore).toBeLessThan(1000);
    await using other = await helpers.open(target, signal);
    const whole = await buffer(other.list({ exclude: [], sync: false, signal }));
    // All but the clock in the head.
    expect(after.subarray(40).equals(whole.subarray(40))).toBe(true);
  });

  it('takes the next image where one has no Python', async () => {
    const { target } = await newVolume();
    const container = await newContainer(tinyImage);
    await using helpers = new VolumeHelpers(installOf(host));
    await using access = await helpers.open({ ...target, containers: [container, 'gone'] }, signal);
    expect(await listAll(access)).toBeGreaterThan(0);
    expect(await helpersNow()).toHaveLength(1);
  });

  it('says which images it tried when none has Python, and pulls none', async () => {
    const other = await secondEngine();
    const address = `unix://${other.socket}`;
    const client = await openDockerEngine(address);
    await makeTinyImage(client, signal);
    const { target } = await newVolume(client);
    await using helpers = new VolumeHelpers(installOf(address));
    const error = await rejectionOf(helpers.open(target, signal));
    expect(error).toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(/^No image on this engine can read the volume .* it has no Python 3\./u),
    });
    expect(await helpersNow(client)).toStrictEqual([]);
    await using gone = new VolumeHelpers(installOf(`unix://${await tempFolder()}/none`));
    expect(await rejectionOf(gone.open(target, signal))).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('No Docker engine answers'),
    });
  });

  it('makes no volume by asking for one that is not there', async () => {
    await using helpers = new VolumeHelpers(installOf(host));
    const target: HelperTarget = { kind: 'volume', source: 'helped-absent', containers: [] };
    expect(await rejectionOf(helpers.open(target, signal))).toMatchObject({ kind: 'not-found' });
    expect(await engine.inspectVolume('helped-absent', signal)).toBeUndefined();
  });

  it('says in one sentence that its container was ended midway, and never ends as if all had come', async () => {
    const { target, folder } = await newVolume();
    writeFileSync(join(folder, 'large'), randomBytes(16 * 1024 * 1024));
    await using helpers = new VolumeHelpers(installOf(host));
    await using access = await helpers.open(target, signal);
    const chunks = new MemoryChunks();
    let removing: Promise<void> | undefined;
    const killed = rejectionOf(
      captureByRecords(
        '',
        chunks,
        {},
        {
          list: (options) => access.list(options),
          send: async function* (wanted, limit) {
            for await (const piece of access.send(wanted, limit)) {
              // The engine waits for a long time with it while nobody reads what the container has sent.
              removing ??= removeHelpers();
              // Slowly, so that not all has come before the container is killed.
              await delay(50);
              yield piece;
            }
          },
          [Symbol.asyncDispose]: async () => await Promise.resolve(),
        },
      ),
    );
    const ended = { message: expect.stringContaining('was ended before it was done. Run the backup again.') };
    expect(await killed).toMatchObject(ended);
    await removing;
    expect(await rejectionOf(listAll(access))).toMatchObject(ended);
  });
});

describe('sweepHelpers', () => {
  it('removes helpers of dead runs, and none of a run that lives', async () => {
    await using lock = await tryLockMachine('helpers:living');
    expect(lock).toBeDefined();
    const dead = await newContainer(tinyImage, { [runLabel]: 'dead' });
    const living = await newContainer(tinyImage, { [runLabel]: 'living' });
    const other = await newContainer(tinyImage);
    await sweepHelpers(engine, signal);
    expect(await engine.inspectContainer(dead, signal)).toBeUndefined();
    expect(await engine.inspectContainer(living, signal)).toBeDefined();
    expect(await engine.inspectContainer(other, signal)).toBeDefined();
  });
});
