import path from 'node:path';
import type { Page } from 'playwright-core';
import { demoFolder, demoPassphrase } from './demo-home.ts';
import type { Step } from './tours.ts';

/** From a vault and its passphrase to a server. */
export const restoreDoorSteps: readonly Step[] = [
  { name: 'restore-door-1-vault', show: toVault },
  {
    name: 'restore-door-2-backup',
    show: async (page) => {
      await page.getByRole('button', { name: 'Open the vault' }).click();
      await page.getByRole('button', { name: /agents: /u }).waitFor();
    },
  },
  { name: 'restore-door-3-where', show: toWhere },
  {
    name: 'restore-door-4-plan',
    show: async (page) => {
      await page.getByRole('button', { name: 'Show the plan' }).click();
      await page.getByRole('button', { name: /^Restore the server from/u }).waitFor();
    },
  },
  {
    name: 'restore-door-5-restored',
    show: async (page) => {
      await page.getByRole('button', { name: /^Restore the server from/u }).click();
      await page.getByText(/^Restored and checked: /u).waitFor({ timeout: 60_000 });
    },
  },
];

async function toVault(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Restore from a backup I have' }).click();
  await page.getByLabel('Folder of the vault').fill(path.join(demoFolder, 'vault'));
  await page.getByText('There is a vault in this folder.').waitFor();
  await page.getByText('Passphrase', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Passphrase' }).fill(demoPassphrase);
}

async function toWhere(page: Page): Promise<void> {
  await page.getByRole('button', { name: /agents: /u }).click();
  await page.getByLabel('Folder for Trinity').fill(path.join(demoFolder, 'trinity'));
  await page.getByText('The folder will be made.', { exact: false }).waitFor();
}
