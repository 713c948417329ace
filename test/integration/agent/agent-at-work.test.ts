import { lstatSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import { projectFolder } from '../../../build/entries.ts';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import { backedUp, echoVolume, inPlace, listedPaths } from '../../helpers/tiny-backup.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { quietly, tinyInstall, volumeData } from '../../helpers/tiny-install.ts';
import type { TinyInstall } from '../../helpers/tiny-install.ts';
import { snapshotTree } from '../../helpers/tree-snapshot.ts';

const timeout = 600_000;

// Swaps a folder for a symlink that leads outside, and back, at random moments.
const swapper = `
const fs = require('node:fs');
const { workerData: { folder, outside, swaps } } = require('node:worker_threads');
const dwell = () => void Atomics.wait(swaps, 1, 0, Math.random() * 4);
for (;;) {
  try { fs.renameSync(folder, folder + '-aside'); fs.symlinkSync(outside, folder); Atomics.add(swaps, 0, 1); } catch {}
  dwell();
  try { fs.unlinkSync(folder); } catch {}
  try { fs.renameSync(folder + '-aside', folder); } catch {}
  dwell();
}`;

type Swapping = AsyncDisposable & Readonly<{ count: () => number }>;

async function swapping(folder: string, outside: string): Promise<Swapping> {
  // Where a restore has put the folder back while it was aside, none of the renames would ever work again.
  if (isFolder(folder)) rmSync(`${folder}-aside`, { recursive: true, force: true });
  const swaps = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(swapper, { eval: true, workerData: { folder, outside, swaps } });
  const count = (): number => Atomics.load(swaps, 0);
  while (count() === 0) await delay(1);
  return { count, [Symbol.asyncDispose]: async () => void (await worker.terminate()) };
}

function isFolder(name: string): boolean {
  return lstatSync(name, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** A folder beside the install with what nobody may take or touch. */
function outsideOf(tiny: TinyInstall): string {
  const outside = path.join(tiny.base, 'outside');
  mkdirSync(path.join(outside, 'deeper'), { recursive: true });
  for (const name of ['of-the-host', 'big.bin', 'deeper/of-the-host']) {
    writeFileSync(path.join(outside, name), 'a secret of the host');
  }
  return outside;
}

describe('an agent that swaps a folder for a symlink', { timeout }, () => {
  it('gets nothing from outside into a backup', async () => {
    const tiny = await tinyInstall();
    const outside = outsideOf(tiny);
    const folder = path.join(volumeData(tiny, echoVolume), 'content');
    for (let number = 0; number < 300; number += 1) writeFileSync(path.join(folder, `file-${number}`), 'x');
    await using agent = await swapping(folder, outside);
    for (let run = 0; run < 3; run += 1) {
      const before = agent.count();
      const { backupId } = await createBackup(tiny.context, { trigger: 'manual', only: ['memory'] }, quietly);
      expect(agent.count()).toBeGreaterThan(before);
      const paths = await listedPaths(tiny, backupId, 'memory');
      expect(paths.filter((name) => name.includes('of-the-host'))).toEqual([]);
      const target = path.join(tiny.base, `target-${run}`);
      await restoreBackup(
        tiny.context,
        { ...inPlace(backupId), destination: { way: 'to', folder: target } },
        quietly,
      );
      const restored = Object.keys(snapshotTree(target)).filter((name) => name.endsWith('big.bin'));
      for (const name of restored) {
        expect(readFileSync(path.join(target, name), 'latin1')).not.toContain('a secret of the host');
      }
    }
  });

  it('gets nothing written or changed outside by a restore', async () => {
    const { tiny, backupId } = await backedUp();
    const outside = outsideOf(tiny);
    const before = snapshotTree(outside);
    const folder = path.join(volumeData(tiny, echoVolume), 'content');
    for (const paths of [
      undefined,
      [`memory/${echoVolume}/content/zero`],
      [`memory/${echoVolume}/content`],
    ]) {
      await using agent = await swapping(folder, outside);
      expect(agent.count()).toBeGreaterThan(0);
      const request = inPlace(backupId, {
        safetyBackup: false,
        ...(paths === undefined ? { agents: ['echo'] } : { paths }),
      });
      const error = await rejectionOf(restoreBackup(tiny.context, request, quietly));
      if (error !== undefined) expect(error).toMatchObject({ name: 'AppError' });
      expect(snapshotTree(outside)).toEqual(before);
      await agent[Symbol.asyncDispose]();
      // Whatever name it had at any moment.
      expect([folder, `${folder}-aside`].filter((name) => isFolder(name))).not.toEqual([]);
    }
  });
});

// Counts up in a file through a shared mapping, until it is told to end: only the first store to a clean page moves its times.
const storer = `
const fs = require('node:fs');
const koffi = require('koffi');
const mmap = koffi.load(null).func('void *mmap(void *address, size_t length, int access, int flags, int fd, int64_t offset)');
const [readAndWrite, shared] = [3, 1];
const page = mmap(null, 4096, readAndWrite, shared, fs.openSync(process.argv[1], 'r+'), 0);
let count = 0;
const store = () => koffi.encode(page, 'uint64_t', ++count);
store();
const storing = setInterval(store, 1);
console.log('begun');
process.stdin.once('data', () => {
  clearInterval(storing);
  console.log(count);
});
setInterval(() => undefined, 1000);
`;

const tmpfs = 0x01021994;

describe('an agent that writes through a shared mapping', { timeout }, () => {
  it('has what it wrote last in the next backup, though no time of the file has moved', async (context) => {
    const tiny = await tinyInstall();
    if (statfsSync(tiny.base).type === tmpfs)
      context.skip('a disk in memory writes nothing back, so no store is ever seen');
    const file = path.join(volumeData(tiny, echoVolume), 'mapped.bin');
    writeFileSync(file, Buffer.alloc(4096));
    const agent = spawn(process.execPath, ['-e', storer, file], {
      cwd: projectFolder,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => void agent.kill('SIGKILL'));
    await once(agent.stdout, 'data');
    await createBackup(tiny.context, { trigger: 'manual', only: ['memory'] }, quietly);
    // Nothing is stored any more, and nobody has written the page back since.
    const ended = once(agent.stdout, 'data');
    agent.stdin.write('x');
    const [last] = (await ended) as [Buffer];
    const { backupId } = await createBackup(tiny.context, { trigger: 'manual', only: ['memory'] }, quietly);
    const target = path.join(tiny.base, 'target');
    await restoreBackup(
      tiny.context,
      { ...inPlace(backupId), destination: { way: 'to', folder: target } },
      quietly,
    );
    const restored = readFileSync(path.join(target, 'memory', echoVolume, 'mapped.bin'));
    expect(restored.readBigUInt64LE()).toBe(BigInt(last.toString().trim()));
  });
});
