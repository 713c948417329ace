import type { Page } from 'playwright-core';
import { changeDemo } from './demo-home.ts';
import { firstRunSteps } from './first-run.ts';
import { restoreDoorSteps } from './restore-door.ts';
import { failedRestoreSteps, otherRestoreSteps, restoreSteps } from './restore.ts';
import { failRestores, lockVault, takeVaultAway, type Trouble } from './troubles.ts';

/** What is done until the page shows what the picture is of. */
export type Step = Readonly<{ name: string; show: (page: Page) => Promise<void> }>;

/**
 * One way through the pages in one window, a picture at each step; `home` says whether anything is set up when it begins, or lost but for
 * its vault, and `trouble` what is in the way from its beginning to its end. The smallest window shows what is seen in it at once, and not
 * the whole page.
 */
export type Tour = Readonly<{
  home: 'demo' | 'empty' | 'lost';
  before?: () => void;
  trouble?: Trouble;
  isSmallest?: boolean;
  steps: readonly Step[];
}>;

const settingsTabs = ['Schedule', 'Notices', 'Objectives', 'Exclusions', 'API', 'Edition'];

/** Every page and every step of the wizards, once. What changes the demo comes last. */
export const tours: readonly Tour[] = [
  { home: 'demo', steps: [page('overview')] },
  {
    home: 'demo',
    steps: [
      page('history'),
      { name: 'history-backup', show: async (on) => await openRow(on, /Everything/u) },
      { name: 'history-compare', show: toComparison },
      { name: 'history-find', show: toFound },
    ],
  },
  {
    home: 'demo',
    steps: [{ name: 'history-failed', show: toFailed }],
  },
  { home: 'demo', steps: [page('agents')] },
  {
    home: 'demo',
    steps: [page('storage'), { name: 'storage-passphrase', show: toPassphrase }],
  },
  { home: 'demo', steps: [page('activity')] },
  { home: 'demo', steps: [{ name: 'unlock', show: toUnlock }] },
  { home: 'demo', steps: [page('settings'), ...settingsTabs.map(settingsTab)] },
  {
    home: 'demo',
    isSmallest: true,
    steps: ['overview', 'restore', 'history', 'agents', 'storage', 'activity', 'settings'].map((name) =>
      page(name, 'small'),
    ),
  },
  {
    home: 'demo',
    trouble: lockVault,
    steps: ['overview', 'restore', 'history', 'agents', 'storage'].map((name) => page(name, 'locked')),
  },
  {
    home: 'demo',
    trouble: takeVaultAway,
    steps: ['overview', 'restore', 'history', 'agents', 'storage'].map((name) => page(name, 'away')),
  },
  { home: 'demo', before: changeDemo, steps: otherRestoreSteps },
  { home: 'demo', before: changeDemo, trouble: failRestores, steps: failedRestoreSteps },
  {
    home: 'demo',
    before: changeDemo,
    steps: restoreSteps,
  },
  { home: 'empty', steps: firstRunSteps },
  { home: 'lost', steps: restoreDoorSteps },
];

/** A page as it opens; its picture may be told apart by how all stands. */
function page(name: string, standing?: string): Step {
  return {
    name: standing === undefined ? name : `${name}-${standing}`,
    show: async (on) => await goTo(on, name),
  };
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

async function openRow(on: Page, name: RegExp): Promise<void> {
  await on.getByRole('row', { name }).first().click();
  await on.getByRole('dialog').waitFor();
}

async function toComparison(on: Page): Promise<void> {
  await on.evaluate('location.hash = "#/history?view=compare"');
  await on.getByRole('heading', { level: 1, name: 'Compare two backups' }).waitFor();
}

async function toFound(on: Page): Promise<void> {
  await on.evaluate('location.hash = "#/history?view=find&name=*.md"');
  await on.getByRole('row').nth(1).waitFor();
}

async function toPassphrase(on: Page): Promise<void> {
  await on.getByRole('button', { name: 'Add passphrase' }).click();
  await on.getByLabel('Once more').waitFor();
}

async function toUnlock(on: Page): Promise<void> {
  await on.evaluate('location.hash = "#/unlock"');
  await on.getByRole('button', { name: 'Unlock' }).waitFor();
}

async function toFailed(on: Page): Promise<void> {
  await goTo(on, 'history');
  await on.getByRole('combobox', { name: 'Outcome' }).click();
  await on.getByRole('option', { name: 'Failed' }).click();
  await openRow(on, /Failed/u);
}
