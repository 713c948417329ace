import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { findElectron } from '../../../build/why-no-desktop.ts';
import { projectFolder } from '../../../build/entries.ts';
import type { DesktopApp, Ended, Forged, StartDesktop } from '../desktop-app.ts';
import type { DialogFacts, NoticeFacts, TrayFacts } from '../stand-in/messages.ts';

const recorder = path.join(import.meta.dirname, 'recorder.cjs');

/**
 * The built application (`npm run build`) on real Electron. What nobody can click is recorded in its main process (recorder.cjs) and
 * looked at from here; scripts for it are texts, since that process has types of its own.
 */
export class ElectronDesktop implements DesktopApp {
  readonly ended: Promise<Ended>;
  readonly #start: StartDesktop;
  readonly #launching: Promise<ElectronApplication>;
  #facts: Readonly<Record<string, unknown>> = {};
  #pid = 0;
  #windows = 0;

  constructor(start: StartDesktop) {
    this.#start = start;
    this.#launching = this.#launch(start.args ?? []);
    this.ended = this.#end();
  }

  get pid(): number {
    return this.#pid;
  }

  /** Chromium writes much there that is nobody's fault. */
  errors = (): string => '';

  async window(): Promise<Page> {
    const app = await this.#launching;
    const [page] = app.windows();
    const shown = page ?? (await app.firstWindow());
    await shown.waitForLoadState();
    this.#facts = await this.#look();
    return shown;
  }

  addressOf = (url: string): string => url;

  isWindowOpen(): boolean {
    return this.#windows > 0;
  }

  async closeWindow(): Promise<void> {
    const page = await this.window();
    await page.close();
  }

  async tray(): Promise<TrayFacts | null> {
    return (await this.#run(`(() => {
      if (record.tray === null) return null;
      const itemOf = ({ commandId, label, type, enabled, submenu }) => ({
        id: commandId, label, type, isEnabled: enabled, items: (submenu?.items ?? []).map(itemOf),
      });
      const { icon = '', tooltip = '', menu } = record.tray;
      return { icon, tooltip, menu: (menu?.items ?? []).map(itemOf) };
    })()`)) as TrayFacts | null; // as the line above makes it
  }

  async clickTray(): Promise<void> {
    await this.#run("record.tray?.tray.emit('click')");
  }

  async chooseInTray(...labels: readonly string[]): Promise<void> {
    await this.#until(`(() => {
      let items = record.tray?.menu?.items ?? [];
      let item;
      for (const label of ${JSON.stringify(labels)}) {
        item = items.find((each) => each.label === label);
        items = item?.submenu?.items ?? [];
      }
      if (item?.enabled !== true) return undefined;
      item.click();
      return true;
    })()`);
  }

  async notices(): Promise<readonly NoticeFacts[]> {
    return (await this.#run(`[...record.notices].map(([id, { title, body, actions }]) => ({
      id, title, body, buttons: actions.map(({ text }) => text),
    }))`)) as readonly NoticeFacts[]; // as the line above makes it
  }

  async clickNotice(title: string, button?: string): Promise<void> {
    await this.#until(`(() => {
      const notice = [...record.notices.values()].find((each) => each.title === ${JSON.stringify(title)});
      if (notice === undefined) return undefined;
      const index = notice.actions.findIndex(({ text }) => text === ${JSON.stringify(button)});
      if (index === -1) notice.emit('click', {});
      else notice.emit('action', { actionIndex: index }, index);
      return true;
    })()`);
  }

  async dialog(): Promise<DialogFacts> {
    return (await this.#until('record.dialogs[0]?.facts')) as DialogFacts; // as recorder.cjs makes it
  }

  async answerDialog(answer: string | readonly string[]): Promise<void> {
    await this.#until(`(() => {
      const asked = record.dialogs.shift();
      if (asked === undefined) return undefined;
      const answer = ${JSON.stringify(answer)};
      asked.resolve(Array.isArray(answer)
        ? { button: 0, paths: answer }
        : { button: asked.facts.buttons.indexOf(answer), paths: [] });
      return true;
    })()`);
  }

  async quit(): Promise<void> {
    await this.#run('electron.app.quit()');
  }

  async launchAgain(args: readonly string[] = []): Promise<void> {
    const { home, env } = this.#start;
    const second = spawn(electronFile(), [projectFolder, '--home', home, ...args], {
      env: { ...process.env, ...env },
      stdio: 'ignore',
    });
    await once(second, 'exit');
  }

  async tellPower(name: string): Promise<void> {
    await this.#run(
      `electron.powerMonitor.emit(${JSON.stringify(name)}, { preventDefault: () => undefined })`,
    );
  }

  fact(name: string): unknown {
    return this.#facts[name];
  }

  async forge({ from, channel, args }: Forged): Promise<unknown> {
    return await this.#run(`(async () => {
      const [window] = electron.BrowserWindow.getAllWindows();
      const { mainFrame } = window.webContents;
      const frames = {
        page: mainFrame,
        subframe: { url: mainFrame.url },
        stranger: mainFrame,
        null: null,
        'other origin': { url: 'app://trinity.example/' },
      };
      const from = ${JSON.stringify(from)};
      const sender = from === 'stranger' ? { id: -1, mainFrame } : window.webContents;
      const handler = electron.ipcMain._invokeHandlers.get(${JSON.stringify(channel)});
      if (handler === undefined) return { problem: 'No handler registered' };
      return { value: await handler({ sender, senderFrame: frames[from] }, ...${JSON.stringify(args)}) };
    })()`);
  }

  async asksFor(permission: string): Promise<unknown> {
    const page = await this.window();
    const asked = `navigator.permissions.query({ name: ${JSON.stringify(permission)} })`;
    // A permission that pages cannot even ask for is not granted either.
    return await page.evaluate(`${asked}.then(({ state }) => state === 'granted', () => false)`);
  }

  async kill(): Promise<void> {
    const app = await this.#launching;
    app.process().kill('SIGKILL');
    await this.ended;
  }

  async #launch(args: readonly string[]): Promise<ElectronApplication> {
    const { home, env } = this.#start;
    const own = ['--disable-gpu', '--disable-dev-shm-usage', '--home', home, ...args];
    const given = Object.entries({ ...process.env, ...env });
    const app = await _electron.launch({
      executablePath: electronFile(),
      // With its walls up, as people run it.
      chromiumSandbox: true,
      args: ['-r', recorder, projectFolder, ...own],
      env: Object.fromEntries(given.filter((entry): entry is [string, string] => entry[1] !== undefined)),
    });
    this.#pid = app.process().pid ?? 0;
    app.on('window', (page) => {
      this.#windows += 1;
      page.on('close', () => (this.#windows -= 1));
    });
    return app;
  }

  async #end(): Promise<Ended> {
    const app = await this.#launching;
    const child = app.process();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return { code: child.exitCode, signal: child.signalCode };
  }

  async #look(): Promise<Readonly<Record<string, unknown>>> {
    return (await this.#run(`(() => {
      const [window] = electron.BrowserWindow.getAllWindows();
      const { preload, ...preferences } = window?.webContents.getLastWebPreferences() ?? {};
      let areWebviewsRefused = false;
      const event = { preventDefault: () => (areWebviewsRefused = true) };
      window?.webContents.emit('will-attach-webview', event, {}, {});
      return { ...record.facts, preferences, areWebviewsRefused };
    })()`)) as Readonly<Record<string, unknown>>; // as the line above makes it
  }

  /** Runs a text in the main process, with `electron` and what is recorded. */
  async #run(script: string): Promise<unknown> {
    const app = await this.#launching;
    const names = 'const record = globalThis.trinityRecord; const { electron } = record;';
    return await app.evaluate(`(async () => { ${names} return await (${script}); })()`);
  }

  /** Tests end by their own limit where it never comes. */
  async #until(script: string): Promise<unknown> {
    for (;;) {
      const found = await this.#run(script);
      if (found !== undefined && found !== null) return found;
      await delay(50);
    }
  }
}

function electronFile(): string {
  const file = findElectron(projectFolder, process.env);
  if (file === undefined) throw new Error('There is no Electron: npx install-electron fetches it.');
  return file;
}
