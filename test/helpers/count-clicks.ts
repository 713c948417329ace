import type { Page } from 'playwright-core';

const listen =
  'window.clicks = 0; addEventListener("click", ({ isTrusted }) => { if (isTrusted) window.clicks += 1; }, true)';

/** Counts what a person clicks in a page from now on; asked, it tells how often that was. */
export async function countClicks(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(listen);
  return async () => Number(await page.evaluate('window.clicks'));
}
