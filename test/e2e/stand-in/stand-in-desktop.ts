import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { DesktopApp, Ended, Forged, StartDesktop } from '../desktop-app.ts';
import type {
  DialogFacts,
  FrameFacts,
  FromApplication,
  MenuItemFacts,
  NoticeFacts,
  ToApplication,
  TrayFacts,
} from './messages.ts';
import { asarEyes, standInLauncher } from './launcher.ts';
import { toBrowser } from './page-bridge.ts';
import { StandInWindow } from './stand-in-window.ts';

export type StandInParts = Readonly<{ browser: Browser; folder: string }>;

type Waiting = Readonly<{ dialogId: number; dialog: DialogFacts }>;

/** The built main bundle in Node, with `electron` resolved to the stand-in, and its windows in a browser. */
export class StandInDesktop implements DesktopApp {
  readonly ended: Promise<Ended>;
  readonly #parts: StandInParts;
  readonly #start: StartDesktop;
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, (answer: unknown) => void>();
  readonly #facts = new Map<string, unknown>();
  readonly #notices = new Map<number, NoticeFacts>();
  #windows = new Map<number, StandInWindow>();
  #tray: TrayFacts | null = null;
  #dialogs: readonly Waiting[] = [];
  #stderr = '';
  #lastId = 0;

  constructor(parts: StandInParts, start: StartDesktop) {
    this.#parts = parts;
    this.#start = start;
    this.#child = this.#spawn(start.args ?? [], {});
    this.#child.stderr?.on('data', (data: Buffer) => (this.#stderr += data.toString()));
    this.#child.on('message', (message: FromApplication) => this.#hear(message));
    this.ended = this.#end();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  errors = (): string => this.#stderr;

  async window(): Promise<Page> {
    const window = await this.#until(() => [...this.#windows.values()].at(-1));
    return await window.page();
  }

  addressOf = toBrowser;

  isWindowOpen(): boolean {
    return this.#windows.size > 0;
  }

  async closeWindow(): Promise<void> {
    const page = await this.window();
    await page.close({ runBeforeUnload: false });
    await this.#until(() => (this.isWindowOpen() ? undefined : true));
  }

  async tray(): Promise<TrayFacts | null> {
    this.#assertAlive();
    return await Promise.resolve(this.#tray);
  }

  async clickTray(): Promise<void> {
    this.#tell({ tell: 'tray click' });
    await Promise.resolve();
  }

  async chooseInTray(...labels: readonly string[]): Promise<void> {
    const item = await this.#until(() => {
      const found = itemAt(this.#tray?.menu ?? [], labels);
      return found?.isEnabled === true ? found : undefined;
    });
    this.#tell({ tell: 'click', itemId: item.id });
  }

  async notices(): Promise<readonly NoticeFacts[]> {
    return await Promise.resolve([...this.#notices.values()]);
  }

  async clickNotice(title: string, button?: string): Promise<void> {
    const notice = await this.#until(() => [...this.#notices.values()].find((each) => each.title === title));
    const index = button === undefined ? null : notice.buttons.indexOf(button);
    if (index === -1) throw new Error(`The notice has no ${String(button)}: ${notice.buttons.join(', ')}`);
    this.#tell({ tell: 'notice click', noticeId: notice.id, button: index });
  }

  async dialog(): Promise<DialogFacts> {
    return (await this.#until(() => this.#dialogs[0])).dialog;
  }

  async answerDialog(answer: string | readonly string[]): Promise<void> {
    const { dialogId, dialog } = await this.#until(() => this.#dialogs[0]);
    const button = typeof answer === 'string' ? dialog.buttons.indexOf(answer) : 0;
    if (button === -1) throw new Error(`The dialog has no ${String(answer)}: ${dialog.buttons.join(', ')}`);
    this.#dialogs = this.#dialogs.slice(1);
    const paths = typeof answer === 'string' ? [] : answer;
    this.#tell({ tell: 'answer', dialogId, button, paths });
  }

  async quit(): Promise<void> {
    this.#tell({ tell: 'app event', name: 'before-quit', argv: [] });
    await Promise.resolve();
  }

  async launchAgain(args: readonly string[] = []): Promise<void> {
    const second = this.#spawn(args, { TRINITY_STAND_IN_SECOND: '1' });
    const [code] = await once(second, 'exit');
    if (code !== 0) throw new Error(`The second instance ended with ${String(code)}`);
    this.#tell({ tell: 'app event', name: 'second-instance', argv: ['electron', '.', ...args] });
  }

  async tellPower(name: string): Promise<void> {
    this.#tell({ tell: 'power', name });
    await Promise.resolve();
  }

  fact(name: string): unknown {
    return this.#facts.get(name);
  }

  async forge({ from, channel, args }: Forged): Promise<unknown> {
    const windowId = [...this.#windows.keys()].at(-1) ?? 0;
    const page: FrameFacts = { windowId, isMainFrame: true, url: 'app://trinity/#/overview' };
    const frames: Readonly<Record<Forged['from'], FrameFacts | null>> = {
      page,
      subframe: { ...page, isMainFrame: false },
      stranger: { ...page, windowId: 999_999 },
      'other origin': { ...page, url: 'app://trinity.example/' },
      null: null,
    };
    const answer = await this.#ask((callId) => ({
      tell: 'invoke',
      callId,
      frame: frames[from],
      channel,
      args,
    }));
    return answer;
  }

  async asksFor(permission: string): Promise<unknown> {
    const from = { url: 'app://trinity/#/overview', isMainFrame: true };
    return await this.#ask((askId) => ({ tell: 'permission', askId, permission, ...from }));
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  #spawn(args: readonly string[], more: NodeJS.ProcessEnv): ChildProcess {
    const { folder } = this.#parts;
    const entry = path.join(folder, standInLauncher);
    const eyes = ['--import', pathToFileURL(path.join(folder, asarEyes)).href];
    return spawn(process.execPath, [...eyes, entry, '--home', this.#start.home, ...args], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      env: {
        ...process.env,
        TRINITY_STAND_IN_APP: entry,
        TRINITY_STAND_IN_UTILITY: path.join(folder, 'utility.child.js'),
        ...this.#start.env,
        ...more,
      },
    });
  }

  async #end(): Promise<Ended> {
    await once(this.#child, 'exit');
    await Promise.all([...this.#windows.values()].map(async (window) => await window.close()));
    this.#windows = new Map();
    return { code: this.#child.exitCode, signal: this.#child.signalCode };
  }

  #tell(message: ToApplication): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  async #ask(message: (id: number) => ToApplication): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#asked.set(id, resolve);
    this.#tell(message(id));
    return await promise;
  }

  #answered(id: number, answer: unknown): void {
    this.#asked.get(id)?.(answer);
    this.#asked.delete(id);
  }

  #hear(message: FromApplication): void {
    switch (message.say) {
      case 'window':
        this.#open(message);
        return;
      case 'load':
        void this.#windows.get(message.windowId)?.load(message.url);
        return;
      case 'close':
        void this.#windows.get(message.windowId)?.close();
        return;
      case 'send':
        void this.#windows.get(message.windowId)?.send(message.channel, message.args);
        return;
      case 'invoked':
        this.#answered(message.callId, message);
        return;
      case 'served':
        this.#answered(message.requestId, message);
        return;
      case 'decided':
        this.#answered(message.askId, message.isPrevented);
        return;
      case 'policy':
        this.#answered(message.askId, message.value);
        return;
      case 'tray':
        this.#tray = message.tray;
        return;
      case 'notice':
        this.#notices.set(message.notice.id, message.notice);
        return;
      case 'notice gone':
        this.#notices.delete(message.noticeId);
        return;
      case 'dialog':
        this.#dialogs = [...this.#dialogs, message];
        return;
      case 'fact':
        this.#facts.set(message.name, message.value);
        return;
      case 'show':
        return;
    }
  }

  #open({
    windowId,
    preload,
    preferences,
    bounds,
  }: Extract<FromApplication, Readonly<{ say: 'window' }>>): void {
    this.#facts.set('preferences', preferences);
    this.#facts.set('bounds', bounds);
    const window = new StandInWindow({
      browser: this.#parts.browser,
      windowId,
      preload,
      ask: async (ask) => await this.#ask(ask),
      tell: (told) => {
        if (told.tell === 'closed') this.#windows.delete(told.windowId);
        this.#tell(told);
      },
    });
    this.#windows.set(windowId, window);
  }

  /** What it said last is not true any more. */
  #assertAlive(): void {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) return;
    throw new Error(`The application has ended (${String(exitCode ?? signalCode)}): ${this.#stderr}`);
  }

  /** Tests end by their own limit where it never comes. */
  async #until<Value>(find: () => Value | undefined): Promise<Value> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      this.#assertAlive();
      await delay(20);
    }
  }
}

function itemAt(
  items: readonly MenuItemFacts[],
  [label, ...rest]: readonly string[],
): MenuItemFacts | undefined {
  const found = items.find((item) => item.label === label);
  return rest.length === 0 || found === undefined ? found : itemAt(found.items, rest);
}
