import { appendFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openDockerEngine } from '../../main/trinity/docker/docker-engine.ts';
import type { HelperTreeAccess } from '../../main/trinity/helper/helper-tree-access.ts';
import { VolumeHelpers } from '../../main/trinity/helper/volume-helpers.ts';
import type { CaptureResult } from '../../main/vault/capture/capture.ts';
import { captureInOnePass } from '../../main/vault/capture/two-pass/capture-in-two-passes.ts';
import { openListing } from '../../main/vault/listing/open-listing.ts';
import { MemoryChunks } from '../fakes/memory-chunks.ts';
import { captureKeys, neverRacyNs } from '../helpers/capture.ts';
import { startEngine } from '../services/docker/engine.ts';
import { ensureAgentImage } from '../services/docker/images.ts';
import { writeSmallFiles } from './data.ts';
import { frozenRow } from './frozen.ts';
import type { Bench, Row } from './rows.ts';

const files = 10_000;
const meanBytes = 4096;
const volume = 'agent-bench-workspace';
const changedStep = 100;
const settleMs = 3000;
const { signal } = new AbortController();

type Sent = Readonly<{ bytes: number; result: CaptureResult }>;

/** What comes over the socket of a real engine for a volume that a helper reads: first, unchanged, and with one file of a hundred changed. */
export async function helperRows(bench: Bench): Promise<readonly Row[]> {
  const { work, say } = bench;
  await using engine = await startEngine();
  await ensureAgentImage(engine);
  const host = `unix://${engine.socket}`;
  const client = await openDockerEngine(host);
  await client.createVolume({ name: volume, driver: 'local', labels: {}, options: {} }, signal);
  const root = engine.volumeData(volume);
  await writeSmallFiles(path.join(root, 'files'), files, meanBytes);
  await using helpers = new VolumeHelpers({ host });
  const chunks = new MemoryChunks();
  const open = async (): Promise<HelperTreeAccess> =>
    await helpers.open({ kind: 'volume', source: volume, containers: [] }, signal);
  const backUp = async (previous?: CaptureResult): Promise<Sent> => {
    await using access = await open();
    const result = await captureInOnePass({
      tree: { kind: 'access', access, exclude: [] },
      ...(previous === undefined ? {} : { previous: await openListing(chunks, previous.listing) }),
      racyFromNs: neverRacyNs,
      compress: true,
      vault: chunks,
      keys: captureKeys,
      folder: work,
      mostSpoolBytes: 2 ** 32,
      signal,
    });
    say(`helper: ${result.filesRead} files read, ${access.bytesReceived} bytes over the socket`);
    return { bytes: access.bytesReceived, result };
  };
  // What was written in the last two seconds is racy, and read again by the next backup.
  await delay(settleMs);
  const first = await backUp();
  const second = await backUp(first.result);
  await changeSome(root);
  const third = await backUp(second.result);
  const share = second.bytes / first.bytes;
  const frozen: Row[] = [];
  for (const count of [10_000, 200_000]) {
    const place = { root, work, tree: async () => ({ kind: 'access', access: await open() }) as const };
    await emptyFolder(root);
    frozen.push(await frozenRow(bench, place, { count, what: `frozen, ${count} files read by a helper` }));
  }
  return [
    ...frozen,
    {
      what: `helper, ${files} files: bytes over the socket, nothing changed`,
      goal: 'at most 1/10 of the first backup',
      measured: `${(share * 100).toFixed(1)} %`,
      met: share <= 0.1,
      detail: `first ${first.bytes} bytes for ${first.result.listing.bytes} of content, unchanged ${second.bytes} (the list alone, ${Math.round(second.bytes / files)} a file), 1 % changed ${third.bytes}`,
    },
  ];
}

async function emptyFolder(root: string): Promise<void> {
  for (const name of await readdir(root)) await rm(path.join(root, name), { recursive: true });
}

async function changeSome(root: string): Promise<void> {
  const found = await readdir(root, { recursive: true, withFileTypes: true });
  const changed = found.filter((entry) => entry.isFile()).filter((_, index) => index % changedStep === 0);
  for (const { parentPath, name } of changed) appendFileSync(path.join(parentPath, name), 'changed');
}
