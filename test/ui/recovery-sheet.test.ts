import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { unwatched } from '../helpers/tiny-engine.ts';

const lab = sharedBrowserLab({ isSetUp: true });

/** A browser under test has no printer: from now on the page counts how often it was asked to print. */
async function countPrints(page: Page): Promise<() => Promise<unknown>> {
  await page.evaluate('window.prints = 0; window.print = () => void (window.prints += 1)');
  return async () => await page.evaluate('window.prints');
}

/** The pages of paper that it would be now. */
async function printedPages(page: Page): Promise<number> {
  const paper = (await page.pdf({ format: 'A4' })).toString('latin1');
  return paper.match(/\/Type\s*\/Page\b/gu)?.length ?? 0;
}

/** What stands on paper: the sheet with its six groups, and nothing of the page around it. */
async function expectSheetAlone(page: Page, around: string): Promise<void> {
  await page.emulateMedia({ media: 'print' });
  const groups = page.locator('.groups span').filter({ visible: true });
  await expect.poll(async () => await groups.count()).toBe(6);
  expect((await groups.allTextContents()).join('-')).toMatch(/^(?:[0-9A-Z]{6}-){5}[0-9A-Z]{6}$/u);
  const heading = page.getByText('Trinity Backup recovery kit').filter({ visible: true });
  expect(await heading.count()).toBe(1);
  expect(await page.getByText(around).filter({ visible: true }).count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Print' }).count()).toBe(0);
  expect(await page.getByRole('navigation').count()).toBe(0);
  const background = 'getComputedStyle(document.body).backgroundColor';
  expect(await page.evaluate(background)).toBe('rgb(255, 255, 255)');
  expect(await printedPages(page)).toBe(1);
  await page.emulateMedia({ media: 'screen' });
}

describe('the sheet of the recovery kit', () => {
  it('is printed alone and on one page, from the storage page in the dark', async () => {
    const page = await lab.open({ scheme: 'dark' });
    await page.getByRole('link', { name: 'Storage', exact: true }).click();
    await page.getByRole('button', { name: 'Recovery kit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Make a sheet' }).click();
    const prints = await countPrints(page);
    await dialog.getByRole('button', { name: 'Print' }).click();
    expect(await prints()).toBe(1);
    await expectSheetAlone(page, 'It is shown only now');
  });

  it('is printed by the first run, which asks for it before it goes on', async () => {
    await lab.rest().application.run('setupNote', { step: 'key' }, unwatched);
    const page = await lab.open({ width: 900, height: 600 });
    await page.evaluate('location.hash = "#/setup"');
    await page.getByRole('button', { name: 'Make a sheet' }).click();
    await page.getByText('Print or save it, and keep it away from this server.').waitFor();
    expect(await page.getByRole('button', { name: 'Go on' }).count()).toBe(0);
    const prints = await countPrints(page);
    await page.getByRole('button', { name: 'Print' }).click();
    expect(await prints()).toBe(1);
    await expectSheetAlone(page, 'It is shown only now');
    await expect.poll(async () => await page.getByLabel(/^Group \d$/u).count()).toBe(2);
    expect(await page.getByRole('button', { name: 'Go on' }).isDisabled()).toBe(true);
  });
});
