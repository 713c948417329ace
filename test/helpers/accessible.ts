import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

// The builder would bring it along, of twice the size, four times for each page: most of the time that a look takes.
const builderFile = createRequire(import.meta.url).resolve('@axe-core/playwright');
const axeSource = readFileSync(createRequire(builderFile).resolve('axe-core/axe.min.js'), 'utf8');
const isStill =
  'document.getAnimations().every((it) => it.playState !== "running" || it.effect.getComputedTiming().iterations === Infinity)';
const wider =
  '[...document.querySelectorAll("main *")].filter((it) => it.getBoundingClientRect().right > innerWidth).map((it) => it.outerHTML.slice(0, 80))';

/** Nothing grave is wrong with a page as it stands for whoever sees it badly or not at all, in both themes; nothing leads out of the window. */
export async function expectAccessible(page: Page, step: string): Promise<void> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(axeSource);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
    // In the middle of a fade there are colours that nobody sees for long.
    await expect.poll(async () => await page.evaluate(isStill)).toBe(true);
    // There are no frames, for which it would open a window of its own each time.
    const axe = new AxeBuilder({ page, axeSource: ';' })
      .setLegacyMode(true)
      .options({ resultTypes: ['violations'] });
    // A theme changes colours alone.
    const { violations } = await (
      colorScheme === 'light' ? axe : axe.withRules(['color-contrast'])
    ).analyze();
    const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    const found = grave.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
    expect([step, colorScheme, found]).toEqual([step, colorScheme, []]);
  }
  expect([step, await page.evaluate(wider)]).toEqual([step, []]);
}
