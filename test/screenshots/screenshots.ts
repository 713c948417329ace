import { setDemoTime } from './demo-clock.ts';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { projectFolder } from '../../build/entries.ts';
import { RestServer } from '../../main/headless/server/rest-server.ts';
import { startChromium } from '../services/chromium/chromium.ts';
import { demoNow, liveThroughDemo, startDemoApplication } from './demo-home.ts';
import { type Shot, shots } from './shots.ts';

// `npm run screenshots [-- --only overview,activity] [--out DIR]`: every page and wizard step of a demo install, light and dark.
const { values } = parseArgs({
  options: { only: { type: 'string' }, out: { type: 'string', default: 'docs/screenshots' } },
});
const dist = path.join(projectFolder, 'dist');
const outFolder = path.resolve(projectFolder, values.out);
const only = values.only?.split(',');
const size = { width: 1080, height: 740 };

process.env['TZ'] = 'UTC';
process.env['TRINITY_THREAD_ENTRIES'] = dist;
const wanted = shots.filter(({ name }) => only === undefined || only.includes(name));
await mkdir(outFolder, { recursive: true });
await using browser = closing(await startChromium());
for (const home of ['demo', 'empty'] as const) {
  const ofHome = wanted.filter((shot) => shot.home === home);
  if (ofHome.length > 0) await takeAll(browser.browser, home, ofHome);
}

async function takeAll(chromium: Browser, home: Shot['home'], ofHome: readonly Shot[]): Promise<void> {
  // A name that is the same each time: it stands in the pictures.
  const folder = path.join(tmpdir(), 'trinity-demo');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  try {
    setDemoTime(demoNow);
    await using application = await startDemoApplication(folder);
    if (home === 'demo') await liveThroughDemo(application, folder);
    await using server = await RestServer.start({
      application,
      port: 0,
      pagesFolder: path.join(dist, 'renderer'),
      onUnexpected: (error) => console.error(error),
    });
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await chromium.newContext({
        colorScheme,
        viewport: size,
        timezoneId: 'UTC',
        locale: 'en-US',
      });
      await letIn(context, server.newLink());
      for (const shot of ofHome) await take(context, server.address, { shot, colorScheme });
      await context.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function letIn(context: BrowserContext, link: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.close();
}

type Look = Readonly<{ shot: Shot; colorScheme: 'light' | 'dark' }>;

async function take(context: BrowserContext, address: string, { shot, colorScheme }: Look): Promise<void> {
  const page = await context.newPage();
  await page.clock.setFixedTime(demoNow);
  await page.goto(address);
  await shot.show(page);
  await settled(page);
  const file = path.join(outFolder, `${shot.name}-${colorScheme}.png`);
  await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
  await page.close();
  console.log(path.relative(projectFolder, file));
}

/** Nothing is waited for any more: two looks in a row are the same. */
async function settled(page: Page): Promise<void> {
  let before = '';
  for (;;) {
    await page.waitForTimeout(300);
    const now = (await page.screenshot({ animations: 'disabled', caret: 'hide' })).toString('base64');
    if (now === before) return;
    before = now;
  }
}

function closing(browser: Browser): AsyncDisposable & Readonly<{ browser: Browser }> {
  return { browser, [Symbol.asyncDispose]: async () => await browser.close() };
}
