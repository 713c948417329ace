import type { Page } from 'playwright-core';
import type { Step } from './tours.ts';

/** One agent back where it was, and back again. */
export const restoreSteps: readonly Step[] = [
  { name: 'restore-1-what', show: toWhat },
  { name: 'restore-2-when', show: async (page) => await press(page, /^echo/u) },
  { name: 'restore-3-where', show: async (page) => await press(page, /By the schedule/u) },
  {
    name: 'restore-4-plan',
    show: async (page) => {
      await press(page, /^Back where it was/u);
      await page.getByRole('button', { name: /^Restore echo from/u }).waitFor();
    },
  },
  {
    name: 'restore-5-result',
    show: async (page) => {
      await press(page, /^Restore echo from/u);
      await page.getByRole('button', { name: 'Undo' }).waitFor({ timeout: 60_000 });
    },
  },
  {
    name: 'restore-6-undone',
    show: async (page) => {
      await press(page, /^Undo$/u);
      await page.getByText(/^Undone: /u).waitFor({ timeout: 60_000 });
    },
  },
];

/** The same up to the plan, and then its failure. */
export const failedRestoreSteps: readonly Step[] = [
  {
    name: 'restore-5-failed',
    show: async (page) => {
      await toWhat(page);
      await press(page, /^echo/u);
      await press(page, /By the schedule/u);
      await press(page, /^Back where it was/u);
      await press(page, /^Restore echo from/u);
      await page
        .getByText('Nothing was changed.')
        .or(page.getByText(/^Everything was put back/u))
        .waitFor();
    },
  },
];

/** The other things that can be had back, and the other places, each up to its plan. */
export const otherRestoreSteps: readonly Step[] = [
  {
    name: 'restore-1-files-search',
    show: async (page) => {
      await toWhat(page);
      await press(page, /^Files and folders/u);
      await page.getByLabel('Name').fill('*.md');
      await press(page, /^Search$/u);
      await page.getByRole('list', { name: 'Paths found' }).waitFor();
    },
  },
  {
    name: 'restore-1-files-tree',
    show: async (page) => {
      await page.getByRole('tab', { name: 'Look through a backup' }).click();
      await page.getByRole('treeitem', { name: /agent-echo-workspace/u }).click();
      await page.getByRole('treeitem', { name: 'CLAUDE.md' }).click();
    },
  },
  {
    name: 'restore-4-plan-everything',
    show: async (page) => {
      await press(page, /^Back$/u);
      await press(page, /^Everything/u);
      await press(page, /By the schedule/u);
      await press(page, /^Back where it was/u);
      await page.getByRole('button', { name: /^Restore everything from/u }).waitFor();
    },
  },
  {
    name: 'restore-4-plan-name',
    show: async (page) => {
      await page.getByRole('button', { name: /What$/u }).click();
      await press(page, /^echo/u);
      await press(page, /By the schedule/u);
      await page.getByLabel('Under another name').fill('echo-tuesday');
      await press(page, /^Use this name$/u);
      await page.getByRole('button', { name: /^Restore echo as echo-tuesday from/u }).waitFor();
    },
  },
  {
    name: 'restore-4-plan-folder',
    show: async (page) => {
      await press(page, /^Back$/u);
      await page.getByLabel('Into a folder').fill('/tmp/trinity-demo/restored');
      await press(page, /^Use this folder$/u);
      await page.getByRole('button', { name: /^Restore echo from/u }).waitFor();
    },
  },
];

async function toWhat(page: Page): Promise<void> {
  await page.evaluate('location.hash = "#/restore"');
  await page.getByRole('button', { name: /^echo/u }).waitFor();
}

async function press(page: Page, name: RegExp): Promise<void> {
  await page.getByRole('button', { name }).first().click();
}
