import { rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDockerEngine } from '../../../main/trinity/docker/docker-engine.ts';
import { VolumeHelpers } from '../../../main/trinity/helper/volume-helpers.ts';
import { compareTree } from '../../../main/vault/restore/compare-tree.ts';
import { restoreTree } from '../../../main/vault/restore/restore-tree.ts';
import type { TreeMeta } from '../../../main/vault/restore/tree-ops.ts';
import { MemoryChunks } from '../../fakes/memory-chunks.ts';
import { capture } from '../../helpers/capture.ts';
import { writeFidelityTree } from '../../helpers/fidelity-tree.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';

const { signal } = new AbortController();
const engine = sharedEngine();
const host = `unix://${engine.socket}`;
const volume = 'trinity-test-archive';

describe('a new volume that is written by archives', () => {
  it('holds everything but times before 1970, and no image or container is left', async () => {
    const client = await openDockerEngine(host);
    const images = (await client.listImages(signal)).length;
    await client.createVolume({ name: volume, driver: 'local', labels: {}, options: {} }, signal);
    onTestFinished(async () => await client.removeVolume(volume, AbortSignal.timeout(300_000)));
    const source = path.join(await tempFolder(), 'source');
    await writeFidelityTree(source);
    rmSync(path.join(source, 'sparse'));
    const chunks = new MemoryChunks();
    const { listing } = await capture(source, chunks);
    await using helpers = new VolumeHelpers({ host });
    await using archive = await helpers.openArchive(volume, signal);
    const metaOf = async (name: Buffer): Promise<TreeMeta> => {
      const entry = await listing.entry(name);
      if (entry === undefined) throw new Error('A link leads to nothing.');
      return { ...entry.stat, xattrs: entry.xattrs };
    };
    const scratch = await tempFolder();
    const target = await archive.writeTree({ scratch, adds: false, metaOf }, () => undefined);
    const result = await restoreTree({ listing, reader: chunks, target, exactMetadata: true, signal });
    expect(result.warnings.map(({ code, path: name }) => [code, name])).toEqual([
      ['time-not-kept', 'at-before'],
    ]);
    const different = await compareTree(listing, engine.volumeData(volume), { signal });
    expect(different.map((one) => one.path)).toEqual(['at-before']);
    await archive[Symbol.asyncDispose]();
    expect((await client.listImages(signal)).length).toBe(images);
    expect(await client.listContainers({ all: true }, signal)).toEqual([]);
  });
});
