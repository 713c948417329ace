import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { projectFolder } from '../../../build/entries.ts';
import { tryLockFile } from '../../../main/platform/file-lock.ts';
import type { FileLock } from '../../../main/platform/file-lock.ts';
import { messageOf } from '../../../shared/lib/app-error.ts';
import { findProgram } from './programs.ts';

/** The roots that images are made of: Debian with what agents need, and the same with a Postgres server. */
export type RootName = 'debian' | 'postgres';

const run = promisify(execFile);
const recipes = path.join(projectFolder, 'test/fixtures/images');
const pollMs = 250;
const buildLimitMs = 15 * 60_000;

/**
 * The tar file of a root, made on first use (a minute or two) and kept between runs and clones below `~/.cache`, or where
 * TRINITY_TEST_CACHE says. Made again when its recipe has changed.
 */
export async function rootArchive(name: RootName): Promise<string> {
  const folder = process.env['TRINITY_TEST_CACHE'] ?? path.join(homedir(), '.cache/trinity-backup-tests');
  const file = path.join(folder, `${name}-${await recipeHash(name)}.tar`);
  if (existsSync(file)) return file;
  // Before this root is locked: one lock at a time.
  const base = name === 'postgres' ? await rootArchive('debian') : undefined;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = await lockOf(path.join(folder, `${name}.lock`));
  try {
    if (!existsSync(file)) await buildRoot({ name, folder, file, base });
  } finally {
    await lock[Symbol.asyncDispose]();
  }
  return file;
}

type RootBuild = Readonly<{ name: RootName; folder: string; file: string; base: string | undefined }>;

async function buildRoot({ name, folder, file, base }: RootBuild): Promise<void> {
  console.log(`Making the ${name} image of the docker tier; this takes a minute or two, once.`);
  const scratch = await mkdtemp(path.join(folder, `${name}-`));
  try {
    const root = path.join(scratch, 'root');
    await mkdir(root, { mode: 0o755 });
    if (base !== undefined) await runTool('tar', ['-xpf', base, '-C', root]);
    await runTool('bash', [path.join(recipes, `${name}.sh`), root]);
    await runTool('tar', ['--one-file-system', '-C', root, '-cf', `${scratch}/tar`, '.']);
    await rename(`${scratch}/tar`, file);
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function runTool(tool: string, args: readonly string[]): Promise<void> {
  try {
    const environment = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
    await run(findProgram(tool) ?? tool, [...args], {
      env: environment,
      timeout: buildLimitMs,
      maxBuffer: 2 ** 26,
    });
  } catch (error) {
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout).slice(-2000) : '';
    throw new Error(`${tool} ${args.join(' ')}: ${messageOf(error).slice(-2000)}\n${output}`, {
      cause: error,
    });
  }
}

async function recipeHash(name: RootName): Promise<string> {
  const hash = createHash('sha256');
  const parts: readonly RootName[] = name === 'postgres' ? ['debian', 'postgres'] : ['debian'];
  for (const part of parts) hash.update(await readFile(path.join(recipes, `${part}.sh`)));
  return hash.digest('hex').slice(0, 12);
}

/** Waits for others, in other clones too, who make the same root. */
async function lockOf(file: string): Promise<FileLock> {
  for (;;) {
    const lock = await tryLockFile(file);
    if (lock !== undefined) return lock;
    await delay(pollMs);
  }
}
