import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { startChromium } from '../services/chromium/chromium.ts';
import { writeMixedData } from './data.ts';
import { makeInstall } from './install.ts';
import { type LoopDelay, type Ours, ours } from './peers.ts';
import type { Bench, Row } from './rows.ts';
import { whileServing } from './serve.ts';

const mostLoopMs = 50;
const mostClickMs = 100;
const betweenClicksMs = 150;
const restfulRounds = 5;

/** Notes for each click on a link of the rail when the page that it leads to was painted, with its title, in ms after the click. */
const watchClicks = `
  window.answered = [];
  addEventListener('click', (event) => {
    const asked = event.target.closest('nav a')?.textContent;
    if (!asked) return;
    const look = () => {
      if (document.querySelector('main h1')?.textContent !== asked) return void requestAnimationFrame(look);
      requestAnimationFrame(() => setTimeout(() => window.answered.push(performance.now() - event.timeStamp)));
    };
    look();
  }, true);
`;

/** How long the event loop of the application and whoever clicks in its pages are held up while a gigabyte is backed up. */
export async function pagesRows(bench: Bench): Promise<readonly Row[]> {
  const install = await makeInstall(bench.work, 'pages');
  await writeMixedData(path.join(install.data, 'data'));
  const tool = ours(bench.work, install, 'pages');
  await tool.prepare();
  await tool.command(['settings', 'set', 'enabled', 'false']);
  const { loop, clicks, restful } = await measure(bench, tool);
  for (const name of ['pages', 'pages-vault', 'pages-home']) {
    await rm(path.join(bench.work, name), { recursive: true, force: true });
  }
  const mostClick = Math.max(...clicks);
  return [
    {
      what: 'event loop of the application while its pages are used and 1 GB is backed up',
      goal: `p99 delay at most ${mostLoopMs} ms`,
      measured: `${loop.p99Ms.toFixed(1)} ms`,
      met: loop.p99Ms <= mostLoopMs,
      detail: `longest ${loop.mostMs.toFixed(0)} ms`,
    },
    {
      what: 'clicks on pages meanwhile',
      goal: `each answered within ${mostClickMs} ms`,
      measured: `${mostClick.toFixed(0)} ms`,
      met: clicks.length > 0 && mostClick <= mostClickMs,
      detail: `from the click until the other page is painted, in Chromium without a graphics card: ${spread(clicks)}; while nothing is backed up ${spread(restful)}`,
    },
  ];
}

function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const [middle, most] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return `middle ${middle?.toFixed(0)} ms, slowest of ${times.length} ${most?.toFixed(0)} ms`;
}

/** `restful` are clicks while nothing is backed up. */
type Measures = Readonly<{ loop: LoopDelay; clicks: readonly number[]; restful: readonly number[] }>;

async function measure({ work, say }: Bench, tool: Ours): Promise<Measures> {
  const browser = await startChromium();
  try {
    const { loop, result } = await whileServing({ work, name: 'pages', tool }, async ({ link, onBorder }) => {
      const page = await browser.newPage({ viewport: { width: 1080, height: 740 } });
      await page.addInitScript({ content: watchClicks });
      await page.goto(link);
      return await clickWhileBackingUp(page, onBorder);
    });
    for (const [when, times] of Object.entries(result)) {
      say(`pages, ${when}: ${times.map((ms) => ms.toFixed(0)).join(' ')} ms`);
    }
    return { loop, ...result };
  } finally {
    await browser.close();
  }
}

/** Each page once before it counts, as somebody has who looks at a backup. */
async function clickWhileBackingUp(page: Page, onBorder: () => void): Promise<Omit<Measures, 'loop'>> {
  const links = page.getByRole('navigation', { name: 'Pages' }).getByRole('link');
  await links.first().waitFor();
  const click = async (index: number): Promise<void> => {
    await links.nth(index).click();
    await delay(betweenClicksMs);
  };
  const count = await links.count();
  for (let index = count - 1; index >= 0; index -= 1) await click(index);
  await answered(page);
  for (let index = 0; index < restfulRounds * count; index += 1) await click(index % count);
  const restful = await answered(page);
  await click(0);
  await answered(page);
  onBorder();
  await page.getByRole('button', { name: 'Back up now' }).click();
  const isBackingUp = async (): Promise<boolean> =>
    (await page.getByRole('status').first().textContent())?.startsWith('Backing up') === true;
  while (!(await isBackingUp())) await delay(betweenClicksMs);
  for (let index = 0; await isBackingUp(); index += 1) await click(index % count);
  onBorder();
  await delay(betweenClicksMs);
  return { restful, clicks: await answered(page) };
}

/** How long each click took since it was asked the last time. */
async function answered(page: Page): Promise<readonly number[]> {
  // What watchClicks keeps, which is numbers alone.
  return (await page.evaluate('window.answered.splice(0)')) as readonly number[];
}
