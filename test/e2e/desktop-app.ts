import type { Page } from 'playwright-core';
import type { DialogFacts, NoticeFacts, TrayFacts } from './stand-in/messages.ts';

export type Ended = Readonly<{ code: number | null; signal: string | null }>;

/** What a stranger sends past the preload. */
export type Forged = Readonly<{
  /** `null`: a frame that is gone. `stranger`: contents that are no window of ours. */
  from: 'page' | 'subframe' | 'stranger' | 'null' | 'other origin';
  channel: string;
  args: readonly unknown[];
}>;

/** The built desktop application at work, on the stand-in or on real Electron: specs never know which. */
export interface DesktopApp {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** What the process has written to its standard error. */
  readonly errors: () => string;
  /** The page of the window, once it has loaded. */
  window(): Promise<Page>;
  /** By which address a page reaches one of our scheme: the browser under the stand-in does not know it. */
  readonly addressOf: (url: string) => string;
  isWindowOpen(): boolean;
  closeWindow(): Promise<void>;
  tray(): Promise<TrayFacts | null>;
  /** The left button of the mouse, where the desktop leaves clicks to the application. */
  clickTray(): Promise<void>;
  /** Chooses an item of the tray's menu, by the labels that lead there. */
  chooseInTray(...labels: readonly string[]): Promise<void>;
  /** Those that are shown now, the oldest first. */
  notices(): Promise<readonly NoticeFacts[]>;
  /** Clicks a notice, or a button of it. */
  clickNotice(title: string, button?: string): Promise<void>;
  /** The dialog that waits for an answer, once there is one. */
  dialog(): Promise<DialogFacts>;
  /** Answers it: a button by its label, or the paths that are chosen. */
  answerDialog(answer: string | readonly string[]): Promise<void>;
  /** As from the system's menu or the keyboard. */
  quit(): Promise<void>;
  /** The launcher, or the system at login, starts the application again. */
  launchAgain(args?: readonly string[]): Promise<void>;
  /** What the system says of power and session: `suspend`, `resume`, `shutdown`. */
  tellPower(name: string): Promise<void>;
  /** What the application has asked of the system, by name: `isSandboxed`, `awake`, `loginItem`, `preferences`. */
  fact(name: string): unknown;
  /** Sends past the preload; resolves with the answer of an invoke, or `refused` where none comes. */
  forge(forged: Forged): Promise<unknown>;
  /** Whether a permission is granted to a page that asks. */
  asksFor(permission: string): Promise<unknown>;
  kill(): Promise<void>;
}

export type StartDesktop = Readonly<{
  home: string;
  env?: NodeJS.ProcessEnv;
  args?: readonly string[];
}>;
