import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../../helpers/accessible.ts';
import { sharedBrowserLab } from '../../helpers/browser-lab.ts';

const lab = sharedBrowserLab({ isSetUp: true });

beforeAll(async () => {
  await lab.backUp();
  await lab.backUp();
});

/** What a page says while this call is not answered, and what stands there when it is. */
const waits = [
  { address: 'overview', call: 'status.get', says: 'Looking at how all stands', shows: /^Backed up / },
  { address: 'overview', call: 'history.coverage', says: 'Reading the history', shows: 'Coverage' },
  { address: 'restore', call: 'backups.list', says: 'Reading the backups', shows: 'Everything' },
  { address: 'restore?agent=one', call: 'backups.list', says: 'Reading the backups', shows: /^By hand/ },
  { address: 'history', call: 'history.timeline', says: 'Reading the history', shows: 'Proof, pin' },
  { address: 'history?view=compare', call: 'backups.list', says: 'Reading the backups', shows: 'From' },
  {
    address: 'history?view=compare',
    call: 'backups.compare',
    says: 'Comparing the two backups',
    shows: /^Owner, mode, time \d/,
  },
  {
    address: 'history?view=find&name=notes',
    call: 'backups.find',
    says: 'Looking for notes in all backups',
    shows: /^\d paths? in 2 backups\.$/,
  },
  { address: 'agents', call: 'agents.list', says: 'Looking at the agents', shows: 'Included' },
  { address: 'storage', call: 'home.get', says: 'Looking where backups lie', shows: 'The vault' },
  {
    address: 'storage',
    call: 'copies.list',
    says: 'Looking at the copies',
    shows: /^All backups are on the/,
  },
  {
    address: 'storage',
    call: 'retention.preview',
    says: 'Working out what would go',
    shows: /^Today nothing/,
  },
  { address: 'activity', call: 'activity.list', says: 'Reading what happened', shows: /is done/ },
  {
    address: 'settings?part=notices',
    call: 'settings.get',
    says: 'Reading the settings',
    shows: 'What is told',
  },
  {
    address: 'settings?part=schedule',
    call: 'schedule.get',
    says: 'Looking what is planned',
    shows: /planned\.$/,
  },
  {
    address: 'settings?part=exclusions',
    call: 'exclusions.preview',
    says: 'Counting what they leave out',
    shows: /^This saves /,
  },
  {
    address: 'settings?part=edition',
    call: 'entitlements.get',
    says: 'Looking which edition this is',
    shows: 'Enterprise edition',
  },
  { address: 'setup', call: 'setup.get', says: 'Looking what is set up', shows: 'Protect this server' },
  { address: 'unlock', call: 'home.get', says: 'Looking which vault it is', shows: 'Unlock' },
] as const;

describe('pages that wait for an answer', () => {
  it.each(waits)('say “$says” on $address, and show it', async ({ address, call, says, shows }) => {
    const answered = Promise.withResolvers<void>();
    const before = async (page: Page) =>
      await page.route(`**/ipc/${call}`, async (route) => {
        await answered.promise;
        await route.continue();
      });
    const page = await lab.open({ width: 900, height: 600, at: address, before });
    const main = page.getByRole('main');
    await main.getByRole('status').getByText(says, { exact: true }).first().waitFor();
    expect(await main.getByRole('alert').count()).toBe(0);
    await expectAccessible(page, says);
    answered.resolve();
    await main.getByText(says, { exact: true }).first().waitFor({ state: 'detached' });
    await main.getByText(shows, { exact: true }).first().waitFor();
  });
});
