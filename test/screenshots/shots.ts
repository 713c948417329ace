import type { Page } from 'playwright-core';

/** One picture: what is done until the page shows it. `home` says whether anything is set up. */
export type Shot = Readonly<{
  name: string;
  home: 'demo' | 'empty';
  show: (page: Page) => Promise<void>;
}>;

/** Every page and every step of the wizards, in the order of the guide. */
export const shots: readonly Shot[] = [
  { name: 'overview', home: 'demo', show: async (page) => await goTo(page, 'overview') },
  { name: 'restore-1-what', home: 'demo', show: async (page) => await goTo(page, 'restore') },
  { name: 'restore-2-when', home: 'demo', show: toWhen },
  { name: 'restore-3-where', home: 'demo', show: toWhere },
  { name: 'restore-4-plan', home: 'demo', show: toPlan },
  { name: 'activity', home: 'demo', show: async (page) => await goTo(page, 'activity') },
];

async function goTo(page: Page, name: string): Promise<void> {
  await page.evaluate(`location.hash = "#/${name}"`);
  await page.getByRole('main').waitFor();
}

async function toWhen(page: Page): Promise<void> {
  await goTo(page, 'restore');
  await page.getByRole('button', { name: /^writer/u }).click();
}

async function toWhere(page: Page): Promise<void> {
  await toWhen(page);
  await page
    .getByRole('button', { name: /By the schedule/u })
    .first()
    .click();
}

async function toPlan(page: Page): Promise<void> {
  await toWhere(page);
  await page.getByRole('button', { name: /^Back where it was/u }).click();
  await page.getByRole('button', { name: /^Restore writer from/u }).waitFor();
}
