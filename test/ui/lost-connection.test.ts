import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { unwatched } from '../helpers/tiny-engine.ts';

const lab = sharedBrowserLab({ isSetUp: true });
const away = 'it is tried again by itself';
/** A browser waits some seconds before it comes again. */
const patience = { timeout: 60_000 };

beforeAll(async () => await lab.backUp());

function isAway(page: Page) {
  return page.getByRole('alert').getByText(away, { exact: false });
}

/** A run that goes on until it is let go. */
async function beginRun(runId: string): Promise<() => Promise<void>> {
  const ended = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const { engine } = lab.rest().application;
  const run = engine.exclusively('backup', { ...unwatched, runId }, async ({ onProgress }) => {
    onProgress({ phase: 'Copying', done: 1, total: 4, unit: 'files', detail: '' });
    begun.resolve();
    await ended.promise;
  });
  await begun.promise;
  return async () => {
    ended.resolve();
    await run;
  };
}

async function historyRows(page: Page): Promise<number> {
  return await page.getByRole('row', { name: /Everything, 2 agents/u }).count();
}

describe('a page whose line to the engine is lost', () => {
  it('says so, and is as true as before when the line is back: of runs that ended unheard, too', async () => {
    const page = await lab.open({ isRefused: true });
    const end = await beginRun('run-of-test');
    const progress = page.getByRole('progressbar');
    await progress.waitFor();
    await lab.rest().hangUp();
    await isAway(page).waitFor(patience);
    await end();
    // Whatever was told last of a run is not of that one.
    await lab.backUp();
    await lab.rest().serve();
    await isAway(page).waitFor({ state: 'detached', ...patience });
    await expect.poll(async () => await progress.count(), patience).toBe(0);
    await page.getByRole('link', { name: 'History', exact: true }).click();
    await expect.poll(async () => await historyRows(page), patience).toBe(2);
  });

  it('shows nothing of a process that is no more, and hears the one that took its place', async () => {
    const page = await lab.open({ isRefused: true });
    await page.getByRole('link', { name: 'History', exact: true }).click();
    await expect.poll(async () => await historyRows(page), patience).toBe(2);
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    const end = await beginRun('run-of-test');
    await page.getByRole('progressbar').waitFor();
    await lab.rest().hangUp();
    await end();
    await lab.rest().restart();
    await isAway(page).waitFor({ state: 'detached', ...patience });
    await expect.poll(async () => await page.getByRole('progressbar').count(), patience).toBe(0);
    await lab.backUp();
    await page.getByRole('link', { name: 'History', exact: true }).click();
    await expect.poll(async () => await historyRows(page), patience).toBe(3);
    await page.getByRole('button', { name: 'Use the dark theme' }).click();
  });

  it('goes on after an event that was cut in the middle, and after an answer that was no stream', async () => {
    const page = await lab.open({ isRefused: true });
    const refused = { status: 503, contentType: 'application/json', body: '{}' };
    const cut = {
      status: 200,
      contentType: 'text/event-stream',
      body: 'event: runStarted\ndata: {"runId":"ha',
    };
    const answers = [cut, refused, refused, refused];
    await page.route('**/events', async (route) => {
      const answer = answers.shift();
      if (answer === undefined) await route.continue();
      else await route.fulfill(answer);
    });
    await page.reload();
    await isAway(page).waitFor(patience);
    await isAway(page).waitFor({ state: 'detached', ...patience });
    expect(answers).toEqual([]);
    const end = await beginRun('run-of-test');
    await page.getByRole('progressbar').waitFor();
    await end();
    await expect.poll(async () => await page.getByRole('progressbar').count(), patience).toBe(0);
  });
});
