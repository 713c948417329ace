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

describe('a page whose line to the engine is lost', () => {
  it('goes on after an event that was cut in the middle, and after an answer that was no stream', async () => {
    const page = await lab.open({ isRefused: true });
    const answers = [
      { status: 200, contentType: 'text/event-stream', body: 'event: runStarted\ndata: {"runId":"ha' },
      { status: 503, contentType: 'application/json', body: '{}' },
    ];
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
