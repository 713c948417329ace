import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { desktopHandlers } from '../../../../main/app/calls/desktop-handlers.ts';
import type { DesktopPort } from '../../../../main/app/desktop-port.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const signal = new AbortController().signal;

function world() {
  const opened: string[] = [];
  const desktop: DesktopPort = {
    chooseFolder: async () => await Promise.resolve(undefined),
    chooseFile: async () => await Promise.resolve(undefined),
    openFolder: async (folder) => await Promise.resolve(void opened.push(folder)),
    startsAtLogin: async () => await Promise.resolve(false),
    startAtLogin: async () => await Promise.resolve(),
    hasTray: async () => await Promise.resolve(undefined),
  };
  const open = async (folder: string) =>
    await desktopHandlers(desktop)['desktop.openFolder']({ folder }, signal);
  return { opened, open };
}

describe('desktop.openFolder', () => {
  it('shows a folder, and one behind a link', async () => {
    const { opened, open } = world();
    const base = await tempFolder();
    const link = path.join(base, 'link');
    mkdirSync(path.join(base, 'a.folder'));
    symlinkSync(path.join(base, 'a.folder'), link);
    await open(base);
    await open(link);
    expect(opened).toEqual([base, link]);
  });

  it('starts nothing: no file, no device, no program that looks like a folder, by no link', async () => {
    const { opened, open } = world();
    const base = await tempFolder();
    const file = path.join(base, 'run.desktop');
    const program = path.join(base, 'Evil.App');
    writeFileSync(file, '[Desktop Entry]\nExec=evil');
    mkdirSync(program);
    symlinkSync(file, path.join(base, 'to-file'));
    symlinkSync(program, path.join(base, 'to-program'));
    symlinkSync(path.join(base, 'circle'), path.join(base, 'circle'));
    const names = ['run.desktop', 'to-file', 'circle', 'nothing', 'run.desktop/x'];
    for (const name of names) {
      await expect(open(path.join(base, name))).rejects.toMatchObject({ kind: 'not-found' });
    }
    await expect(open('/dev/null')).rejects.toMatchObject({ kind: 'not-found' });
    for (const place of [program, path.join(base, 'to-program')]) {
      await expect(open(place)).rejects.toMatchObject({ kind: 'refused' });
    }
    expect(opened).toEqual([]);
  });
});
