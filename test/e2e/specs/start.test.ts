import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { projectFolder } from '../../../build/entries.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const script = path.join(projectFolder, 'build/start.ts');
/** As somebody who is not root: nobody else is given a desktop. */
const asUser = ['--import', 'data:text/javascript,process.getuid=()=>1000'];

/** `npm start` in an environment of which the display is the test's. */
function start(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  by: readonly string[] = [],
) {
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...others } = process.env;
  const child = spawn(process.execPath, [...by, script, ...args], {
    env: {
      ...others,
      TMPDIR: folder,
      TRINITY_BACKUP_DIST: inject('productFolder'),
      TRINITY_BACKUP_HOME: path.join(folder, 'home'),
      XDG_STATE_HOME: folder,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  return { child, ended };
}

/** What is said until the link to the pages is. */
async function saidUntilServed({ child }: ReturnType<typeof start>): Promise<readonly string[]> {
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (line.startsWith('Open it once')) break;
  }
  child.stdout.resume();
  return said;
}

/** Says how it was started, in place of Electron. */
async function electronThatTells(): Promise<string> {
  const folder = await tempFolder();
  const told = '#!/bin/sh\nprintf "%s\\n" "Electron:" "$@"\nexit 7\n';
  writeFileSync(path.join(folder, 'electron'), told, { mode: 0o755 });
  return folder;
}

describe('npm start', () => {
  it('says that there is no display, and serves the sample install for a browser', async () => {
    const folder = await tempFolder();
    const started = start(folder, ['--demo', '--port', '0']);
    const said = await saidUntilServed(started);
    expect(said.slice(0, 2)).toEqual([
      'A sample install is made, which goes when this ends.',
      'There is no display here: the same pages are served for a browser.',
    ]);
    const link = /http:\S+/u.exec(said.at(-1) ?? '')?.[0] ?? '';
    expect((await fetch(link)).status).toBe(200);
    started.child.kill('SIGTERM');
    expect(await started.ended).toEqual([0, null]);
    expect(readdirSync(folder).filter((name) => name.startsWith('trinity-backup-demo-'))).toEqual([]);
  });

  it('starts the desktop application where a display answers, and ends as that does', async () => {
    const folder = await tempFolder();
    const server = createServer((socket) => socket.destroy());
    server.listen(path.join(folder, 'wayland-0'));
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const env = {
      WAYLAND_DISPLAY: 'wayland-0',
      XDG_RUNTIME_DIR: folder,
      ELECTRON_OVERRIDE_DIST_PATH: await electronThatTells(),
    };
    const { child, ended } = start(folder, ['--hidden'], env, asUser);
    expect((await text(child.stdout)).trim().split('\n')).toEqual(['Electron:', projectFolder, '--hidden']);
    expect(await ended).toEqual([7, null]);
  });

  it('says that the display does not answer, and serves', async () => {
    const folder = await tempFolder();
    const env = { DISPLAY: ':64999', ELECTRON_OVERRIDE_DIST_PATH: await electronThatTells() };
    const [first, ...others] = await saidUntilServed(start(folder, ['--port', '0'], env, asUser));
    expect(first).toBe('The display :64999 does not answer: the same pages are served for a browser.');
    expect(others.at(-1)).toMatch(/^Open it once, within the hour: http:/u);
  });
});
