import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Frame, Page, Request, Route } from 'playwright-core';
import { patienceMs } from '../../services/chromium/chromium.ts';
import type { FrameFacts, ToApplication } from './messages.ts';
import { preloadScript, toApplication, toBrowser } from './page-bridge.ts';

export type Served = Readonly<{
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
}>;

export type WindowParts = Readonly<{
  browser: Browser;
  windowId: number;
  preload: string;
  tell: (message: ToApplication) => void;
  /** Asks the application and resolves with its answer. */
  ask: (message: (id: number) => ToApplication) => Promise<unknown>;
}>;

/** A window of the application: a page of a real browser, with the real preload, that reaches nothing but the application. */
export class StandInWindow {
  readonly #parts: WindowParts;
  readonly #opening: Promise<Readonly<{ context: BrowserContext; page: Page }>>;
  /** Where the application itself sends the window: that is no navigation of the page's. */
  #loading: string | undefined;
  #loaded = Promise.withResolvers<void>();
  #isClosing = false;

  constructor(parts: WindowParts) {
    this.#parts = parts;
    this.#opening = this.#open();
  }

  async page(): Promise<Page> {
    await this.#loaded.promise;
    return (await this.#opening).page;
  }

  async load(url: string): Promise<void> {
    const { page } = await this.#opening;
    this.#loading = toBrowser(url);
    try {
      // What is loaded already is loaded anew, also where only the part after `#` would be followed.
      if (page.url() === this.#loading) await page.reload();
      else await page.goto(this.#loading);
    } catch (error) {
      // The application has ended meanwhile.
      if (this.#isClosing || page.isClosed()) return;
      throw error;
    }
    this.#loading = undefined;
    this.#loaded.resolve();
    this.#parts.tell({ tell: 'loaded', windowId: this.#parts.windowId });
  }

  async send(channel: string, args: readonly unknown[]): Promise<void> {
    const { page } = await this.#opening;
    try {
      // As text: the page's own world is unknown to the types of tests.
      await page.evaluate(`__standIn.tell(${JSON.stringify(channel)}, ${JSON.stringify(args)})`);
    } catch (error) {
      // Closed, or on its way to another page: nobody is there to be told.
      const isNobody = this.#isClosing || page.isClosed();
      if (!isNobody && !String(error).includes('context was destroyed')) throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const { context } = await this.#opening;
    await context.close();
  }

  async #open(): Promise<Readonly<{ context: BrowserContext; page: Page }>> {
    const { browser, preload, tell, windowId } = this.#parts;
    const context = await browser.newContext({
      viewport: { width: 1080, height: 740 },
      // What fades is there twice for a while.
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(patienceMs);
    const from = (frame: Frame): FrameFacts => ({
      windowId,
      isMainFrame: frame.parentFrame() === null,
      url: toApplication(frame.url()),
    });
    await context.exposeBinding('__electronInvoke', async ({ frame }, channel: string, args: unknown[]) =>
      this.#parts.ask((callId) => ({ tell: 'invoke', callId, frame: from(frame), channel, args })),
    );
    await context.exposeBinding('__electronSend', ({ frame }, channel: string, args: unknown[]) =>
      tell({ tell: 'sent', frame: from(frame), channel, args }),
    );
    await context.exposeBinding('__electronMay', async ({ frame }, permission: string) => {
      const { url, isMainFrame } = from(frame);
      return await this.#parts.ask((askId) => ({ tell: 'permission', askId, permission, url, isMainFrame }));
    });
    await context.addInitScript(preloadScript(readFileSync(preload, 'utf8')));
    await context.route('**/*', async (route) => await this.#answerOpen(route));
    const page = await context.newPage();
    page.on('close', () => tell({ tell: 'closed', windowId }));
    page.on('framenavigated', (frame) => {
      if (frame.parentFrame() === null) tell({ tell: 'at', windowId, url: toApplication(frame.url()) });
    });
    page.on('popup', (popup) => void this.#popup(popup));
    return { context, page };
  }

  /** One that is being closed waits for no answer. */
  async #answerOpen(route: Route): Promise<void> {
    try {
      await this.#answer(route);
    } catch (error) {
      if (!this.#isClosing && !(await this.#opening).page.isClosed()) throw error;
    }
  }

  async #answer(route: Route): Promise<void> {
    const request = route.request();
    const url = toApplication(request.url());
    const isOfPage = request.isNavigationRequest() && request.url() !== this.#loading;
    if (isOfPage && (await this.#isPrevented(frameOf(request), url))) {
      await route.abort('aborted');
      return;
    }
    if (!url.startsWith('app://')) {
      await route.abort('blockedbyclient');
      return;
    }
    const answer = (await this.#parts.ask((requestId) => ({
      tell: 'request',
      requestId,
      url,
      method: request.method(),
    }))) as Served; // by the message that answers it
    const { status, headers, body } = answer;
    await route.fulfill({ status, headers: { ...headers }, body: Buffer.from(body) });
  }

  /** Electron asks for each frame, and for the main frame once more; `will-redirect` never, since no page of ours sends anybody on. */
  async #isPrevented(frame: Frame | undefined, url: string): Promise<boolean> {
    // A window that is being opened is no navigation of this one.
    if (frame === undefined) return !(await this.#mayOpen(url));
    const { windowId } = this.#parts;
    const names =
      frame.parentFrame() === null ? ['will-frame-navigate', 'will-navigate'] : ['will-frame-navigate'];
    for (const name of names) {
      const ask = (askId: number): ToApplication => ({ tell: 'navigate', askId, windowId, name, url });
      if ((await this.#parts.ask(ask)) === true) return true;
    }
    return false;
  }

  /** The browser has opened it by now: it stays where Electron would open one. */
  async #popup(popup: Page): Promise<void> {
    if (!(await this.#mayOpen(toApplication(popup.url())))) await popup.close();
  }

  async #mayOpen(url: string): Promise<boolean> {
    const { windowId } = this.#parts;
    const ask = (askId: number): ToApplication => ({ tell: 'navigate', askId, windowId, name: 'open', url });
    const answer = (await this.#parts.ask(ask)) as Readonly<{ action?: string }> | null; // Electron's handler's
    return answer?.action === 'allow';
  }
}

/** Undefined where the page of the frame is not there yet. */
function frameOf(request: Request): Frame | undefined {
  try {
    return request.frame();
  } catch {
    // Playwright says so by an error alone.
    return undefined;
  }
}
