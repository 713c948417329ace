import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { demoFolder } from './demo-home.ts';
import type { Step } from './tours.ts';

/** From nothing to the first proven backup. */
export const firstRunSteps: readonly Step[] = [
  {
    name: 'first-run-0-door',
    show: async (page) => await page.getByRole('button', { name: 'Protect this server' }).waitFor(),
  },
  { name: 'first-run-1-found', show: toFound },
  {
    name: 'first-run-2-where',
    show: async (page) => {
      await page.getByRole('button', { name: 'Protect this Trinity' }).click();
      await page.getByLabel('Folder for the vault').fill(path.join(demoFolder, 'vault'));
      await page.getByText('The folder will be made.', { exact: false }).waitFor();
    },
  },
  {
    name: 'first-run-3-key',
    show: async (page) => await page.getByRole('button', { name: 'Use this place' }).click(),
  },
  {
    name: 'first-run-3-kit',
    show: async (page) => {
      await page.getByRole('button', { name: 'Make the vault' }).click();
      await page.getByRole('button', { name: 'Print' }).waitFor();
    },
  },
  { name: 'first-run-4-how-often', show: toHowOften },
  {
    name: 'first-run-5-proven',
    show: async (page) => {
      await page.getByRole('button', { name: 'Make the first backup' }).click();
      const proven = page.getByText('Proven: your backup restores.');
      const begin = page.getByRole('button', { name: 'Back up now' });
      // The schedule may have begun by itself.
      await begin.or(proven).first().waitFor();
      if (await begin.isVisible()) await begin.click();
      await proven.waitFor({ timeout: 60_000 });
    },
  },
];

async function toFound(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Protect this server' }).click();
  await page.getByLabel('Folder of Trinity').fill(path.join(demoFolder, 'sample/trinity'));
  await page.getByLabel(/^Folder of Docker’s volumes/u).fill(path.join(demoFolder, 'sample/volumes'));
  await page.getByRole('button', { name: 'Look there' }).click();
  await page.getByText('This will be protected', { exact: false }).waitFor();
}

/** Saves the sheet, and answers the groups that are asked for from it. */
async function toHowOften(page: Page): Promise<void> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save', exact: true }).click(),
  ]);
  const html = readFileSync(await download.path(), 'utf8');
  const groups = [...html.matchAll(/<span>([0-9A-Z]{6})<\/span>/gu)].map(([, group = '']) => group);
  for (const [index, group] of groups.entries()) {
    const field = page.getByLabel(`Group ${index + 1}`, { exact: true });
    if ((await field.count()) > 0) await field.fill(group);
  }
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByLabel('Hours between backups').waitFor();
}
