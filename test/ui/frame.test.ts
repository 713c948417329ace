import { beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../helpers/accessible.ts';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { tabTo } from '../helpers/keyboard.ts';
import { otherPages, pages } from '../../renderer/app/routes.ts';

/** What a page shows when it has read all it shows, where that is more than its head. */
const shownLast: Readonly<Record<string, 'gridcell' | 'table'>> = { Overview: 'table', History: 'gridcell' };

/** As text: the page's own world is unknown to the types of tests. */
const loadedPages =
  'performance.getEntriesByType("resource").filter(({ name }) => /Page-[^/]*\\.js$/u.test(name)).length';

const lab = sharedBrowserLab({ isSetUp: true });

beforeAll(async () => await lab.backUp());

describe('the frame', () => {
  it('has nothing that keeps people out on any page', async () => {
    const page = await lab.open();
    for (const { label } of pages) {
      await page.getByRole('link', { name: label, exact: true }).click();
      await page.getByRole('heading', { level: 1, name: label }).waitFor();
      await expectAccessible(page, label);
    }
  });

  it('is gone through by keyboard alone', async () => {
    const page = await lab.open();
    await page.keyboard.press('Tab');
    for (const { label } of pages) {
      const focused = page.locator(':focus');
      await expect.poll(async () => await focused.textContent()).toBe(label);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: label }).waitFor();
      await expect.poll(() => page.locator('[aria-current="page"]').textContent()).toBe(label);
      await page.keyboard.press('Tab');
    }
  });

  it('scrolls each page by keys alone, and shows the next one from its top', async () => {
    const page = await lab.open({ width: 900, height: 180 });
    const main = page.getByRole('main');
    const scrolled = async (): Promise<number> =>
      await main.evaluate((element: { scrollTop: number }) => element.scrollTop);
    for (const { label } of pages) {
      await page.getByRole('link', { name: label, exact: true }).click();
      await page.getByRole('heading', { level: 1, name: label }).waitFor();
      expect([label, await scrolled()]).toEqual([label, 0]);
      await tabTo(page, page.getByRole('main', { name: label, exact: true }));
      await expect
        .poll(async () => {
          await page.keyboard.press('PageDown');
          return await scrolled();
        })
        .toBeGreaterThan(0);
    }
  });

  it('prints all of a page, and the page alone', async () => {
    const page = await lab.open({ scheme: 'dark', width: 900, height: 300 });
    await page.getByRole('link', { name: 'Storage', exact: true }).click();
    await page.getByRole('heading', { level: 2, name: 'Keys' }).waitFor();
    const main = page.getByRole('main');
    const isWhole = async (): Promise<boolean> =>
      await main.evaluate(
        (element: { scrollHeight: number; clientHeight: number }) =>
          element.scrollHeight <= element.clientHeight,
      );
    expect(await isWhole()).toBe(false);
    await page.emulateMedia({ media: 'print' });
    expect(await isWhole()).toBe(true);
    expect(await page.getByRole('link', { name: 'Overview', exact: true }).isVisible()).toBe(false);
  });

  it('shows all without a scroll bar across, in the smallest window', async () => {
    const page = await lab.open({ width: 900, height: 600 });
    for (const { label } of pages) {
      await page.getByRole('link', { name: label, exact: true }).click();
      await page.getByRole('heading', { level: 1, name: label }).waitFor();
      const { [label]: role = 'heading' } = shownLast;
      await page.getByRole('main').getByRole(role).first().waitFor();
      // As text: the page's own world is unknown to the types of tests.
      const wider = await page.evaluate(
        '[...document.querySelectorAll("*")].filter((it) => it.getBoundingClientRect().right > 900).map((it) => it.outerHTML.slice(0, 80))',
      );
      expect([label, wider]).toEqual([label, []]);
    }
  });

  it('has the code of every page before it is asked for', async () => {
    const page = await lab.open();
    const count = pages.length + otherPages.length;
    await expect.poll(async () => await page.evaluate(loadedPages)).toBe(count);
    await page.route('**/assets/**', async (route) => await route.fulfill({ status: 503 }));
    for (const { label } of pages) {
      await page.getByRole('link', { name: label, exact: true }).click();
      await page.getByRole('heading', { level: 1, name: label }).waitFor();
    }
    expect(await page.getByText('This page could not be loaded').count()).toBe(0);
  });

  it('says so when the code of a page cannot be had, and loads the pages again', async () => {
    const page = await lab.open({ isRefused: true });
    let isThere = false;
    await page.route('**/assets/HistoryPage-*', async (route) => {
      await (isThere ? route.continue() : route.fulfill({ status: 503 }));
    });
    await page.reload();
    await page.getByRole('link', { name: 'History', exact: true }).click();
    await page.getByRole('alert').getByText('This page could not be loaded').first().waitFor();
    const reloaded = page.waitForRequest((request) => request.isNavigationRequest());
    await page.getByRole('button', { name: 'Try again' }).click();
    await reloaded;
    isThere = true;
    await page.getByRole('grid').waitFor();
  });

  it('says that the engine does not answer, calls no state its own meanwhile, and goes on with it', async () => {
    const page = await lab.open({ isRefused: true });
    const state = page.getByRole('link', { name: /known|proven/iu });
    let isAway = true;
    await page.route(/\/(?:events|ipc\/[\w.]+)$/u, async (route) => {
      await (isAway ? route.abort() : route.continue());
    });
    await page.reload();
    const banner = page.getByRole('alert').filter({ hasText: 'it is tried again by itself' });
    await banner.getByText(/^Trinity Backup does not answer/u).waitFor();
    await state.filter({ hasText: 'State not known' }).waitFor();
    isAway = false;
    await expect.poll(async () => await banner.count(), { timeout: 30_000 }).toBe(0);
    await state.filter({ hasText: 'Not proven' }).waitFor();
    await page.getByRole('row', { name: /The database/u }).waitFor();
  });

  it('keeps the theme that was chosen', async () => {
    const page = await lab.open({ scheme: 'light' });
    const shown = () => page.locator('html').getAttribute('data-mantine-color-scheme');
    await expect.poll(shown).toBe('light');
    await page.getByRole('button', { name: 'Use the dark theme' }).click();
    await expect.poll(shown).toBe('dark');
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(shown).toBe('dark');
  });
});
