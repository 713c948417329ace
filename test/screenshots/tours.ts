import type { Page } from 'playwright-core';
import { changeDemo } from './demo-home.ts';
import { firstRunSteps } from './first-run.ts';
import { restoreDoorSteps } from './restore-door.ts';

/** What is done until the page shows what the picture is of. */
export type Step = Readonly<{ name: string; show: (page: Page) => Promise<void> }>;

/**
 * One way through the pages in one window, a picture at each step; `home` says whether anything is set up when it begins, or lost but for
 * its vault.
 */
export type Tour = Readonly<{ home: 'demo' | 'empty' | 'lost'; before?: () => void; steps: readonly Step[] }>;

const settingsTabs = ['Schedule', 'Notices', 'Objectives', 'Exclusions', 'API', 'Edition'];

/** Every page and every step of the wizards, once. What changes the demo comes last. */
export const tours: readonly Tour[] = [
  { home: 'demo', steps: [page('overview')] },
  {
    home: 'demo',
    steps: [
      page('history'),
      { name: 'history-backup', show: async (on) => await openRow(on, /Everything/u) },
    ],
  },
  {
    home: 'demo',
    steps: [{ name: 'history-failed', show: toFailed }],
  },
  { home: 'demo', steps: [page('agents')] },
  { home: 'demo', steps: [page('storage')] },
  { home: 'demo', steps: [page('activity')] },
  { home: 'demo', steps: [page('settings'), ...settingsTabs.map(settingsTab)] },
  {
    home: 'demo',
    before: changeDemo,
    steps: [
      { name: 'restore-1-what', show: async (on) => await goTo(on, 'restore') },
      { name: 'restore-2-when', show: async (on) => await press(on, /^echo/u) },
      { name: 'restore-3-where', show: async (on) => await press(on, /By the schedule/u) },
      { name: 'restore-4-plan', show: toPlan },
      { name: 'restore-5-result', show: toResult },
    ],
  },
  { home: 'empty', steps: firstRunSteps },
  { home: 'lost', steps: restoreDoorSteps },
];

function page(name: string): Step {
  return { name, show: async (on) => await goTo(on, name) };
}

function settingsTab(label: string): Step {
  return {
    name: `settings-${label.toLowerCase()}`,
    show: async (on) => await on.getByRole('tab', { name: label }).click(),
  };
}

async function goTo(on: Page, name: string): Promise<void> {
  await on.evaluate(`location.hash = "#/${name}"`);
  await on
    .locator('nav a[aria-current=page]')
    .getByText(new RegExp(`^${name}$`, 'iu'))
    .waitFor();
}

async function press(on: Page, name: RegExp): Promise<void> {
  await on.getByRole('button', { name }).first().click();
}

async function openRow(on: Page, name: RegExp): Promise<void> {
  await on.getByRole('row', { name }).first().click();
  await on.getByRole('dialog').waitFor();
}

async function toPlan(on: Page): Promise<void> {
  await press(on, /^Back where it was/u);
  await on.getByRole('button', { name: /^Restore echo from/u }).waitFor();
}

async function toResult(on: Page): Promise<void> {
  await press(on, /^Restore echo from/u);
  await on.getByRole('button', { name: 'Undo' }).waitFor();
}

async function toFailed(on: Page): Promise<void> {
  await goTo(on, 'history');
  await on.getByRole('combobox', { name: 'Every outcome' }).click();
  await on.getByRole('option', { name: 'Failed' }).click();
  await openRow(on, /Failed/u);
}
