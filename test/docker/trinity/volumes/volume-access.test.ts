import { mkdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { VolumeFacts } from '../../../../main/trinity/docker/engine-facts.ts';
import { readInstall } from '../../../../main/trinity/read-install.ts';
import { volumeAccess, type AccessQuestion } from '../../../../main/trinity/volumes/volume-access.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { mini } from '../mini.ts';

const { signal } = new AbortController();

type World = Readonly<{ volume: VolumeFacts; question: AccessQuestion }>;

async function world(): Promise<World> {
  const place = await mini();
  const { engine } = await readInstall({ folder: place.folder, dockerHost: place.host });
  await place.volume('reached');
  const again = async (): Promise<VolumeFacts | undefined> =>
    await place.engine.inspectVolume('reached', signal);
  const volume = await again();
  if (engine === undefined || volume === undefined) throw new Error('There is neither engine nor volume.');
  return { volume, question: { engine, preference: 'auto', givenRoot: undefined, again } };
}

describe('volumeAccess', () => {
  it('reads a volume in its folder, where that is surely it', async () => {
    const { volume, question } = await world();
    expect(await volumeAccess(volume, question)).toMatchObject({ mode: 'host' });
    // Its folder changes while it is looked at: the engine is asked again.
    await utimes(volume.mountpoint, 1, 1);
    expect(await volumeAccess(volume, question)).toMatchObject({ mode: 'host' });
  });

  it('takes no folder for the volume that is older or younger than the engine says', async () => {
    const { volume, question } = await world();
    const foreign = { ...volume, createdAt: '2001-02-03T04:05:06Z' };
    const asked = { ...question, again: async () => await Promise.resolve(foreign) };
    expect(await volumeAccess(foreign, asked)).toMatchObject({
      mode: 'helper',
      reason: expect.stringContaining('not of this engine'),
    });
    const silent = { ...volume, createdAt: undefined };
    expect(await volumeAccess(silent, question)).toMatchObject({ mode: 'helper' });
  });

  it.each([
    ['a virtual machine', { engine: { sharesKernel: false } }],
    ['user ids', { engine: { isRemapped: true } }],
  ])('goes by helper, because of %s', async (text, changes) => {
    const { volume, question } = await world();
    const engine = { ...question.engine, ...changes.engine };
    const access = await volumeAccess(volume, { ...question, engine });
    expect(access).toMatchObject({ mode: 'helper', reason: expect.stringContaining(text) });
  });

  it('goes by helper for other drivers and for what Docker mounts, unless folders are asked for', async () => {
    const { volume, question } = await world();
    expect((await volumeAccess({ ...volume, driver: 'sshfs' }, question)).reason).toContain('"sshfs"');
    const nfs = { ...volume, options: { type: 'nfs', device: ':/export', o: 'addr=10.0.0.1' } };
    expect((await volumeAccess(nfs, question)).mode).toBe('helper');
    const gone = { ...volume, mountpoint: '/nowhere/reached/_data' };
    expect((await volumeAccess(gone, question)).mode).toBe('helper');
    expect((await volumeAccess(gone, { ...question, preference: 'host' })).mode).toBe('none');
    expect((await volumeAccess(volume, { ...question, preference: 'helper' })).mode).toBe('helper');
  });

  it('goes by the folder that the operator named, whatever the engine says of its own', async () => {
    const { volume, question } = await world();
    const root = await tempFolder();
    const asked = { ...question, givenRoot: root, engine: { ...question.engine, sharesKernel: false } };
    expect((await volumeAccess(volume, asked)).mode).toBe('helper');
    await mkdir(path.join(root, 'reached/_data'), { recursive: true });
    await utimes(path.join(root, 'reached'), 1, 1);
    expect((await volumeAccess(volume, asked)).mode).toBe('host');
  });
});
