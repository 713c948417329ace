import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { projectFolder } from '../../build/entries.ts';
import { hasCode } from '../../shared/lib/app-error.ts';

// `node test/packaged/smoke.ts`: what `npm run package` has packed starts without a window, opens the index of an empty home, and
// ends well; its fuses are read back from its executable. Playwright cannot drive it: the fuse that lets it is off.

const packages = path.join(projectFolder, 'build/out/packages');
const mostMs = 60_000;
const mustBeOff = [
  FuseV1Options.RunAsNode,
  FuseV1Options.EnableNodeOptionsEnvironmentVariable,
  FuseV1Options.EnableNodeCliInspectArguments,
  FuseV1Options.GrantFileProtocolExtraPrivileges,
];

const executable = await findExecutable();
const wire = await getCurrentFuseWire(executable);
const wrong = mustBeOff.filter((fuse) => wire[fuse] !== FuseState.DISABLE);
if (wrong.length > 0) throw new Error(`Fuses are on: ${wrong.map((fuse) => FuseV1Options[fuse]).join(', ')}`);
const home = await mkdtemp(path.join(tmpdir(), 'trinity-smoke-'));
try {
  await start(home);
} finally {
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
}
console.log(`${path.basename(executable)} starts and ends well.`);

async function start(folder: string): Promise<void> {
  const child = spawn(executable, ['--smoke', '--home', folder], {
    stdio: ['ignore', 'inherit', 'pipe'],
    timeout: mostMs,
  });
  const [said, [code, signal]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  // Where the engine does not run, all is loaded until that is said.
  const isWell = process.platform === 'linux' ? code === 0 : said.includes('Backups are made on Linux');
  if (!isWell) throw new Error(`It ended with ${String(code ?? signal)}: ${said}`);
}

async function findExecutable(): Promise<string> {
  const places = {
    linux: ['linux-unpacked/trinity-backup-desktop'],
    win32: ['win-unpacked/Trinity Backup.exe'],
    darwin: ['mac', 'mac-arm64'].map(
      (folder) => `${folder}/Trinity Backup.app/Contents/MacOS/Trinity Backup`,
    ),
  };
  const ofSystem = Object.entries(places).find(([system]) => system === process.platform)?.[1] ?? [];
  for (const place of ofSystem) {
    const file = path.join(packages, place);
    if (await isThere(file)) return file;
  }
  throw new Error('Nothing is packed here: run `npm run package` first.');
}

async function isThere(file: string): Promise<boolean> {
  try {
    return (await readdir(path.dirname(file))).includes(path.basename(file));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
