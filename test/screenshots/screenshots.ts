import { setDemoTime } from './demo-clock.ts';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { projectFolder } from '../../build/entries.ts';
import { messageOf } from '../../shared/lib/app-error.ts';
import type { Application } from '../../main/app/application.ts';
import { RestServer } from '../../main/headless/server/rest-server.ts';
import { startChromium } from '../services/chromium/chromium.ts';
import {
  demoFolder,
  demoNow,
  liveThroughDemo,
  loseDemo,
  startDemoApplication,
  writeDemoInstall,
} from './demo-home.ts';
import { type Tour, tours } from './tours.ts';

// `npm run screenshots [-- --only overview,first-run] [--out DIR]`: every page and wizard step of a demo install, light and dark.
// A tour is taken when one of its pictures has a name that begins so.
const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, out: { type: 'string', default: 'docs/screenshots' } },
});
const dist = path.join(projectFolder, 'dist');
const outFolder = path.resolve(projectFolder, values.out);
const schemes = ['light', 'dark'] as const;
const usual = { width: 1080, height: 740 };
const smallest = { width: 900, height: 600 };
/** A page that is longer is shown so far. */
const mostHeight = 1800;

process.env['TZ'] = 'UTC';
process.env['TRINITY_THREAD_ENTRIES'] = dist;
// Whatever Docker this machine has is none of the demo's.
process.env['DOCKER_HOST'] = 'unix:///nowhere/docker.sock';

const begins = values.only.split(',');
const wanted = tours.filter(({ steps }) =>
  steps.some(({ name }) => begins.some((begin) => name.startsWith(begin))),
);
const problems: string[] = [];
await mkdir(outFolder, { recursive: true });
const browser = await startChromium();
try {
  const onDemo = wanted.filter(({ home }) => home === 'demo');
  if (onDemo.length > 0) {
    await withHome(liveThroughDemo, async (live) => {
      for (const tour of onDemo) for (const scheme of schemes) await take(browser, live, { tour, scheme });
    });
  }
  for (const tour of wanted.filter(({ home }) => home !== 'demo')) {
    for (const scheme of schemes) {
      await withHome(
        tour.home === 'lost' ? loseDemo : writeDemoInstall,
        async (live) => await take(browser, live, { tour, scheme }),
      );
    }
  }
} finally {
  await browser.close();
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

type Live = Readonly<{ application: Application; server: RestServer }>;
type Prepare = (application: Application) => Promise<unknown>;

async function withHome(prepare: Prepare, work: (live: Live) => Promise<void>): Promise<void> {
  await rm(demoFolder, { recursive: true, force: true });
  await mkdir(demoFolder);
  try {
    setDemoTime(demoNow);
    await using application = await startDemoApplication();
    await prepare(application);
    await using server = await RestServer.start({
      application,
      port: 0,
      pagesFolder: path.join(dist, 'renderer'),
      onUnexpected: (error) => console.error(error),
    });
    await work({ application, server });
  } finally {
    await rm(demoFolder, { recursive: true, force: true });
  }
}

type Look = Readonly<{ tour: Tour; scheme: 'light' | 'dark' }>;

async function take(chromium: Browser, { application, server }: Live, look: Look): Promise<void> {
  const { tour } = look;
  tour.before?.();
  const mend = await tour.trouble?.(application);
  try {
    await walk(chromium, server, look);
  } finally {
    await mend?.();
  }
}

/** A step that fails ends its tour; the others are taken all the same. */
async function walk(chromium: Browser, server: RestServer, { tour, scheme }: Look): Promise<void> {
  const context = await chromium.newContext({
    colorScheme: scheme,
    viewport: tour.isSmallest === true ? smallest : usual,
    timezoneId: 'UTC',
    locale: 'en-US',
  });
  const page = await context.newPage();
  // What was done in the pictures before is no later than now.
  await page.clock.setFixedTime(Date.now());
  await page.goto(server.newLink());
  await page.getByRole('heading', { level: 1 }).waitFor();
  for (const { name, show } of tour.steps) {
    const file = path.join(outFolder, `${name}-${scheme}.png`);
    try {
      await show(page);
      await (tour.isSmallest === true ? shoot(page, file) : shootWhole(page, file));
    } catch (error) {
      problems.push(`${name}-${scheme}: ${messageOf(error)}`);
      await page.screenshot({ path: file.replace(/\.png$/u, '.failed.png') });
      break;
    }
    console.log(path.relative(projectFolder, file));
  }
  await context.close();
}

async function shoot(page: Page, file: string): Promise<void> {
  await settled(page);
  await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
}

async function shootWhole(page: Page, file: string): Promise<void> {
  await settled(page);
  const height = Number(await page.evaluate(`document.querySelector('main')?.scrollHeight ?? 0`));
  await page.setViewportSize({ ...usual, height: Math.min(Math.max(usual.height, height), mostHeight) });
  await shoot(page, file);
  await page.setViewportSize(usual);
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
