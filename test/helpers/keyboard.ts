import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

const mostTabs = 80;

/** Goes on by Tab alone until this has the focus, which can be seen then; fails where it cannot be reached so. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  // Fields of choices and switches are drawn by others, and have no size of their own.
  await target.waitFor({ state: 'attached' });
  await expect.poll(async () => await target.isEnabled()).toBe(true);
  const isFocused = async (): Promise<boolean> => (await target.and(page.locator(':focus')).count()) === 1;
  for (let tabs = 0; tabs < mostTabs && !(await isFocused()); tabs += 1) await page.keyboard.press('Tab');
  expect([String(target), await isFocused()]).toEqual([String(target), true]);
  expect([String(target), await page.locator(':focus-visible').count()]).toEqual([String(target), 1]);
}

/** Goes there by Tab and does what it does. */
export async function pressAt(page: Page, target: Locator, key: 'Enter' | 'Space' = 'Enter'): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

/** Goes to a field by Tab, and writes over what is in it. */
export async function typeInto(page: Page, field: Locator, text: string): Promise<void> {
  await tabTo(page, field);
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
}

/** Goes into the list by Tab, and on by arrows until this row has the focus: one row alone is reached by Tab. */
export async function goToRow(page: Page, grid: Locator, row: Locator): Promise<void> {
  await tabTo(page, grid.locator('[role=row][tabindex="0"]'));
  const focused = grid.locator('[role=row]:focus');
  const wanted = Number(await row.getAttribute('aria-rowindex'));
  const current = async (): Promise<number> => Number(await focused.getAttribute('aria-rowindex'));
  for (let at = await current(); at !== wanted; at = at < wanted ? at + 1 : at - 1) {
    await page.keyboard.press(at < wanted ? 'ArrowDown' : 'ArrowUp');
    await expect.poll(current).toBe(at < wanted ? at + 1 : at - 1);
  }
}
