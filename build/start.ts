import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commandEntry, desktopEntry, projectFolder } from './entries.ts';
import { findDisplay } from './display.ts';
import { findElectron, whyNoDesktop } from './why-no-desktop.ts';

// `npm start [-- --demo] [arguments]`: the desktop application, or the same pages for a browser where there can be none.

// Tests have a build of their own.
const dist = process.env['TRINITY_BACKUP_DIST'] ?? path.join(projectFolder, 'dist');
const command = path.join(dist, `${commandEntry.name}.js`);
const given = process.argv.slice(2);
const electron = findElectron(projectFolder, process.env);
const demo = given.includes('--demo')
  ? await mkdtemp(path.join(tmpdir(), 'trinity-backup-demo-'))
  : undefined;
// They are for whoever we have started: this waits for its end, and cleans up.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
try {
  if (!existsSync(path.join(dist, `${desktopEntry.name}.js`))) {
    await run(process.execPath, [path.join(projectFolder, 'build/build.ts')]);
  }
  if (demo !== undefined) await setUpDemo(demo);
  const home = demo === undefined ? [] : ['--home', path.join(demo, 'home')];
  const others = given.filter((arg) => arg !== '--demo');
  const reason = whyNoDesktop({
    platform: process.platform,
    display: await findDisplay(process.env),
    uid: process.getuid?.(),
    electron,
  });
  if (electron !== undefined && reason === undefined) {
    process.exitCode = await run(electron, [projectFolder, ...home, ...others]);
  } else {
    say(`${reason ?? ''}: the same pages are served for a browser.`);
    // A window that is not there cannot be hidden.
    const served = others.filter((arg) => arg !== '--hidden');
    process.exitCode = await run(process.execPath, [command, ...home, 'serve', ...served]);
  }
} finally {
  if (demo !== undefined) await rm(demo, { recursive: true, force: true });
}

/** A sample install with its vault, in a folder that goes in the end. */
async function setUpDemo(folder: string): Promise<void> {
  say('A sample install is made, which goes when this ends.');
  const sample = path.join(folder, 'sample');
  const home = ['--home', path.join(folder, 'home'), '--quiet'];
  const install = ['--path', path.join(sample, 'trinity'), '--volumes-root', path.join(sample, 'volumes')];
  await quietly('demo', sample);
  await quietly(...home, 'install', ...install);
  await quietly(...home, 'init', '--vault', path.join(folder, 'vault'));
}

async function quietly(...args: readonly string[]): Promise<void> {
  const code = await run(process.execPath, [command, ...args], 'ignore');
  if (code !== 0) throw new Error(`trinity-backup ${args.join(' ')} ended with exit code ${String(code)}`);
}

/** The exit code; a signal counts as 1. */
async function run(
  program: string,
  args: readonly string[],
  output: 'inherit' | 'ignore' = 'inherit',
): Promise<number> {
  const child = spawn(program, args, { stdio: ['inherit', output, 'inherit'] });
  const onSignal = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGTERM', onSignal);
  const [code] = await once(child, 'close');
  process.off('SIGTERM', onSignal);
  return typeof code === 'number' ? code : 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
