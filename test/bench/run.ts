import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

export type Measured = Readonly<{
  seconds: number;
  /** Highest resident memory of the process, in MiB, as the kernel counts it; children are not in it. */
  peakMiB: number;
  stdout: string;
}>;

export type RunOptions = Readonly<{
  cwd?: string;
  env?: Readonly<Record<string, string>>;
  okCodes?: readonly number[];
}>;

/** Runs one command to its end and measures it. Throws with what it printed when its exit code is not expected. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Measured> {
  const started = performance.now();
  const child = spawn(command, [...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => stdout.push(piece));
  child.stderr.on('data', (piece: Buffer) => stderr.push(piece));
  let peakMiB = 0;
  const poll = setInterval(() => {
    peakMiB = Math.max(peakMiB, readPeak(child.pid));
  }, 20);
  const [code] = await once(child, 'close');
  clearInterval(poll);
  if (!(options.okCodes ?? [0]).includes(code)) {
    throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${Buffer.concat(stderr).toString()}`);
  }
  return {
    seconds: (performance.now() - started) / 1000,
    peakMiB,
    stdout: Buffer.concat(stdout).toString(),
  };
}

/** VmHWM only rises, so the last reading before the end is the peak, give or take 20 ms. */
function readPeak(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    // It has just ended.
    return 0;
  }
}

/** Bytes of all files below a folder. */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += (await lstat(path.join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}

/** The middle one of several measurements of the same. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return (lower + upper) / 2;
}
