/**
 * How quickly chunks are stored and read back: `node test/bench/chunk-throughput.ts [MiB of each kind] [batches at once] [MiB a batch]`.
 * Half of the data is random, half is text. Prints MB/s, CPU seconds, the delay of the main thread and peak memory.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createStorage } from '../../main/storage/open-storage.ts';
import { chunkIdBytes } from '../../main/vault/chunks/chunk-store.ts';
import { newRecoveryKey } from '../../main/vault/keys/recovery-key.ts';
import { createVault } from '../../main/vault/open-vault.ts';
import type { OpenedVault } from '../../main/vault/open-vault.ts';

const mebibyte = 1024 * 1024;
const [kindMebibytes = 640, atOnce = 4, batchMebibytes = 8] = process.argv.slice(2).map(Number);

const samples = [randomBytes(32 * mebibyte), words(32 * mebibyte)];
const folder = await mkdtemp(join(tmpdir(), 'trinity-bench-'));
try {
  const storage = await createStorage({ kind: 'folder', path: join(folder, 'vault') });
  const secrets = [{ kind: 'recovery', recoveryKey: newRecoveryKey() }] as const;
  const options = { storage, hostLockFolder: join(folder, 'locks'), secrets, now: Date.now() };
  await using vault = await createVault(options);
  const ids = await measured('store', async () => await storeAll(vault));
  await measured('read', async () => await readAll(vault, ids));
} finally {
  await rm(folder, { recursive: true, force: true });
}

type Outcome = Readonly<{ bytes: number; storedBytes?: number }>;

async function storeAll(vault: OpenedVault): Promise<Outcome & Readonly<{ ids: readonly Uint8Array[] }>> {
  await using writer = await vault.openWriter('bench');
  const ids: Uint8Array[] = [];
  const spare: SharedArrayBuffer[] = [];
  const total = Math.floor((kindMebibytes * 2) / batchMebibytes);
  let next = 0;
  let bytes = 0;
  let storedBytes = 0;
  const storeSome = async (): Promise<void> => {
    while (next < total) {
      const buffer = spare.pop() ?? new SharedArrayBuffer(batchMebibytes * mebibyte);
      fill(buffer, next);
      next += 1;
      const lengths = Array.from({ length: batchMebibytes }, () => mebibyte);
      const stored = await writer.chunks.store({ class: 'data', buffer, lengths, compress: true });
      spare.push(buffer);
      bytes += stored.addedBytes;
      storedBytes += stored.storedBytes;
      for (let offset = 0; offset < stored.ids.length; offset += chunkIdBytes) {
        ids.push(stored.ids.slice(offset, offset + chunkIdBytes));
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, storeSome));
  await writer.chunks.flush();
  return { bytes, storedBytes, ids };
}

async function readAll(
  vault: OpenedVault,
  { ids }: Readonly<{ ids: readonly Uint8Array[] }>,
): Promise<Outcome> {
  await using reader = await vault.openReader('bench');
  let bytes = 0;
  for await (const chunk of reader.chunks.readMany(ids)) bytes += chunk.length;
  return { bytes };
}

/** A part of a sample that no other batch has: it begins at another place, and each chunk bears a number. */
function fill(buffer: SharedArrayBuffer, number: number): void {
  const target = Buffer.from(buffer);
  const sample = samples[number % samples.length] ?? target;
  const start = (number * 7919 * 64) % (sample.length - target.length);
  sample.copy(target, 0, start, start + target.length);
  for (let offset = 0; offset < target.length; offset += mebibyte) target.writeUInt32LE(number, offset);
}

function words(length: number): Buffer {
  const vocabulary = Array.from({ length: 4000 }, (_, index) =>
    Buffer.from(`${randomBytes(2 + (index % 7)).toString('base64url')} `),
  );
  const text = Buffer.alloc(length);
  for (let end = 0; end < length;) {
    end += vocabulary[Math.floor(Math.random() ** 2 * vocabulary.length)]?.copy(text, end) ?? length;
  }
  return text;
}

async function measured<Result extends Outcome>(name: string, run: () => Promise<Result>): Promise<Result> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const memoryBefore = process.memoryUsage.rss();
  let memoryPeak = memoryBefore;
  const timer = setInterval(() => {
    memoryPeak = Math.max(memoryPeak, process.memoryUsage.rss());
  }, 20);
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  delay.enable();
  const result = await run();
  delay.disable();
  const seconds = (performance.now() - started) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  clearInterval(timer);
  const stored = result.storedBytes === undefined ? '' : `, stored ${mega(result.storedBytes)} MB`;
  console.log(
    `${name}: ${mega(result.bytes)} MB in ${seconds.toFixed(2)} s, ${mega(result.bytes / seconds)} MB/s${stored}`,
  );
  console.log(
    `  CPU ${(cpu.user / 1e6).toFixed(1)} s user, ${(cpu.system / 1e6).toFixed(1)} s system; event loop delay p99 ` +
      `${(delay.percentile(99) / 1e6).toFixed(1)} ms, most ${(delay.max / 1e6).toFixed(1)} ms; memory ${mega(memoryBefore)} MB, ` +
      `at most ${mega(memoryPeak)} MB`,
  );
  return result;
}

function mega(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
