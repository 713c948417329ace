import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, onTestFinished } from 'vitest';
import { CommandLab } from '../helpers/command-lab.ts';
import { removeFolder } from '../helpers/temp-folder.ts';
import { startChromium } from '../services/chromium/chromium.ts';
import type { DesktopApp } from './desktop-app.ts';
import { ElectronDesktop } from './electron/electron-desktop.ts';
import { StandInDesktop } from './stand-in/stand-in-desktop.ts';

export type DesktopLab = Readonly<{
  /** The install, home and vault, also worked on by the built command. */
  command: () => CommandLab;
  /** The desktop application on a home; it ends with the test, which fails when the application wrote errors. */
  start: (args?: readonly string[], env?: NodeJS.ProcessEnv, lab?: CommandLab) => DesktopApp;
}>;

const isReal = process.env['TRINITY_E2E_ELECTRON'] === '1';

/** The built desktop application with an install of its own, for all tests of a file. */
export function sharedDesktopLab(options: Readonly<{ isSetUp: boolean }>): DesktopLab {
  let browser: Browser | undefined;
  let lab: CommandLab | undefined;
  beforeAll(async () => {
    // Real Electron brings its own.
    if (!isReal) browser = await startChromium();
    const base = await mkdtemp(path.join(tmpdir(), 'trinity-e2e-'));
    const command = path.join(inject('productFolder'), 'trinity-backup.js');
    lab = new CommandLab(base, { command });
    if (!options.isSetUp) return;
    await lab.setUp();
    // A first backup of the schedule would be in the way of those of the tests.
    await lab.json(['settings', 'set', 'enabled', 'false']);
  });
  afterAll(async () => {
    await browser?.close();
    if (lab !== undefined) await removeFolder(lab.base);
  });
  const command = (): CommandLab => {
    if (lab === undefined) throw new Error('The lab is not set up.');
    return lab;
  };
  const start: DesktopLab['start'] = (args = [], env = {}, on = command()) => {
    const asked = { home: on.home, args, env: { ...on.env, ...env } };
    const app: DesktopApp =
      browser === undefined
        ? new ElectronDesktop(asked)
        : new StandInDesktop({ browser, folder: inject('productFolder') }, asked);
    onTestFinished(async () => {
      await app.kill();
      expect(app.errors()).toBe('');
    });
    return app;
  };
  return { command, start };
}
