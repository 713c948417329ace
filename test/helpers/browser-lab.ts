import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, onTestFinished } from 'vitest';
import type { Clock } from '../../main/platform/clock.ts';
import { patienceMs, startChromium } from '../services/chromium/chromium.ts';
import type { RestLab } from './rest-lab.ts';
import { sharedRestLab } from './rest-lab.ts';

export type Look = Readonly<{
  scheme?: 'light' | 'dark';
  width?: number;
  height?: number;
  /** The address of the page to begin with, in place of what the link leads to. */
  at?: string;
  /** Done before the first page is asked for. */
  before?: (page: Page) => Promise<unknown>;
  /** Calls are refused, or not answered, in this test: what the browser says of that is nothing wrong. */
  isRefused?: boolean;
}>;

const refusal = /^Failed to load resource: (?:the server responded with a status of [45]\d\d|net::ERR_)/u;

export type BrowserLab = Readonly<{
  rest: () => RestLab;
  backUp: () => Promise<void>;
  /** A new window that came in by a link. The test fails when anything was wrong in it, a refusal by its policy too. */
  open: (look?: Look) => Promise<Page>;
}>;

/** An engine with its pages and a browser, for all tests of a file. */
export function sharedBrowserLab(options: Readonly<{ isSetUp: boolean; clock?: Clock }>): BrowserLab {
  const rest = sharedRestLab({ ...options, pagesFolder: () => inject('pagesFolder') });
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(async () => await browser?.close());
  const open = async ({
    scheme = 'light',
    width = 1080,
    height = 740,
    isRefused = false,
    at,
    before,
  }: Look = {}): Promise<Page> => {
    if (browser === undefined) throw new Error('The browser is not started.');
    const context = await browser.newContext({
      colorScheme: scheme,
      viewport: { width, height },
      // What fades is there twice for a while, in colours that nobody sees for long.
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(patienceMs);
    const page = await context.newPage();
    const wrong: string[] = [];
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('console', (message) => {
      const isExpected = isRefused && refusal.test(message.text());
      if (message.type() === 'error' && !isExpected) wrong.push(message.text());
    });
    onTestFinished(async () => {
      // An answer that a test was still changing is nobody's any more.
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await context.close();
      expect(wrong).toEqual([]);
    });
    await before?.(page);
    const { server } = rest();
    if (at === undefined) await page.goto(server.newLink());
    else {
      // Lets the browser in without a page that nobody looks at.
      await context.request.get(server.newLink());
      await page.goto(`${server.address}/#/${at}`);
    }
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  };
  const backUp = async (): Promise<void> => {
    const options = { signal: new AbortController().signal, onProgress: () => undefined };
    await rest().application.run('backup', {}, options);
  };
  return { rest, open, backUp };
}
