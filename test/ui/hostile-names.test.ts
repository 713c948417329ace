import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { unwatched } from '../helpers/tiny-engine.ts';

/** What a browser would run where it took it for more than text; as a name of a file it has no slash. */
const evil = `<img src=x onerror=window.wasRun=1><b>"'&amp;\u202E`;

/** Whether anything ran, and how many images there are. */
const harm = '[window.wasRun ?? 0, document.querySelectorAll("main img").length]';

const lab = sharedBrowserLab({ isSetUp: true });

beforeAll(async () => {
  const folder = path.join(lab.rest().volumes, 'agent-one-workspace/_data', evil);
  mkdirSync(folder);
  writeFileSync(path.join(folder, `notes ${evil}`), 'text');
  await lab.rest().application.run('backup', { note: evil }, unwatched);
  const { engine } = lab.rest().application;
  (await engine.catalog()).recordEvent({ atMs: Date.now(), severity: 'error', code: 'x', words: evil });
});

/** It is there to be read, and nothing but text. */
async function expectText(page: Page): Promise<void> {
  const shown = page.getByText('<img src=x onerror=window.wasRun=1>', { exact: false }).first();
  await shown.waitFor();
  expect(await page.evaluate(harm)).toEqual([0, 0]);
}

describe('names that are HTML are shown as they are', () => {
  it('in the history: a note, and files that were found', async () => {
    const page = await lab.open();
    await page.getByRole('link', { name: 'History', exact: true }).click();
    await page
      .getByRole('row', { name: /Everything/u })
      .first()
      .click();
    await page.getByRole('dialog').waitFor();
    await expectText(page);
    await page.evaluate('location.hash = "#/history?view=find&name=notes"');
    await page.getByRole('grid', { name: 'Files that were found' }).waitFor();
    await expectText(page);
  });

  it('in what happened', async () => {
    const page = await lab.open();
    await page.getByRole('link', { name: 'Activity', exact: true }).click();
    await expectText(page);
  });

  it('in the address, wherever it is read', async () => {
    const page = await lab.open({ isRefused: true });
    const images: string[] = [];
    page.on('request', (request) => {
      if (request.resourceType() === 'image') images.push(request.url());
    });
    const asked = encodeURIComponent(evil);
    for (const address of [
      `restore?agent=${asked}`,
      `restore?backup=${asked}`,
      `restore?component=memory&volume=${asked}&path=${asked}`,
      `history?view=find&name=${asked}`,
      `history?agent=${asked}&backup=${asked}&run=${asked}`,
      `history?view=compare&first=${asked}&second=${asked}&path=${asked}`,
      `agents?agent=${asked}`,
      `activity?run=${asked}&severity=${asked}`,
      `settings?part=${asked}`,
      `javascript:window.wasRun=1`,
    ]) {
      await page.evaluate(`location.hash = ${JSON.stringify(`#/${address}`)}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect([address, await page.evaluate(harm)]).toEqual([address, [0, 0]]);
    }
    await page.evaluate('location.hash = "#/overview"');
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect([await page.evaluate(harm), images]).toEqual([[0, 0], []]);
  });

  it('and by no answer of the engine, which pages take for text alone', async () => {
    const page = await lab.open();
    await page.route('**/ipc/status.get', async (route) => {
      const response = await route.fetch();
      const { value } = (await response.json()) as { value: object }; // the status, with a sentence of somebody else
      await route.fulfill({ json: { ok: true, value: { ...value, sentence: evil, short: evil } } });
    });
    await page.reload();
    await expectText(page);
  });
});
