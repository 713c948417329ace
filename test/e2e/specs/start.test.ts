import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { projectFolder } from '../../../build/entries.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

describe('npm start', () => {
  it('says that there is no display, and serves the sample install for a browser', async () => {
    const folder = await tempFolder();
    const { DISPLAY: _, WAYLAND_DISPLAY: __, ...others } = process.env;
    const script = path.join(projectFolder, 'build/start.ts');
    const child = spawn(process.execPath, [script, '--demo', '--port', '0'], {
      env: {
        ...others,
        TMPDIR: folder,
        TRINITY_BACKUP_DIST: inject('productFolder'),
        XDG_STATE_HOME: folder,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'close');
    onTestFinished(async () => {
      child.kill('SIGTERM');
      await ended;
    });
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(line);
      if (line.startsWith('Open it once')) break;
    }
    expect(said.slice(0, 2)).toEqual([
      'A sample install is made, which goes when this ends.',
      'There is no display here: the same pages are served for a browser.',
    ]);
    const link = /http:\S+/u.exec(said.at(-1) ?? '')?.[0] ?? '';
    expect((await fetch(link)).status).toBe(200);
    child.stdout.resume();
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(readdirSync(folder).filter((name) => name.startsWith('trinity-backup-demo-'))).toEqual([]);
  });
});
