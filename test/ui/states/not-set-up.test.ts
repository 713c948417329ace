import { describe, expect, it } from 'vitest';
import { expectAccessible } from '../../helpers/accessible.ts';
import { sharedBrowserLab } from '../../helpers/browser-lab.ts';

const lab = sharedBrowserLab({ isSetUp: false });

const leading = [
  { address: 'overview', says: 'Not set up yet.' },
  { address: 'restore', says: 'Trinity Backup is not set up on this computer yet.' },
  { address: 'history', says: 'Nothing was backed up yet' },
  { address: 'history?view=compare', says: 'Trinity Backup is not set up on this computer yet.' },
  { address: 'history?view=find&name=notes', says: 'Trinity Backup is not set up on this computer yet.' },
  { address: 'agents', says: 'Trinity Backup is not set up on this computer yet.' },
  { address: 'storage', says: 'There is no vault yet' },
  { address: 'unlock', says: 'There is no vault yet' },
] as const;

describe('pages of a home in which nothing is set up', () => {
  it.each(leading)('say so and lead to the set-up from $address', async ({ address, says }) => {
    const page = await lab.open({ width: 900, height: 600, isRefused: true, at: address });
    const main = page.getByRole('main');
    await main.getByText(says, { exact: true }).waitFor();
    await expectAccessible(page, address);
    await main.getByRole('link', { name: 'Set up', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Set up Trinity Backup' }).waitFor();
  });

  it('have nothing to tell of, or tell what is chosen already', async () => {
    const page = await lab.open({ width: 900, height: 600, isRefused: true });
    await page.getByRole('link', { name: 'Look around first' }).click();
    await page.getByRole('link', { name: 'Activity', exact: true }).click();
    await page.getByText('Nothing has happened yet', { exact: true }).waitFor();
    await expectAccessible(page, 'activity');
    for (const part of ['general', 'schedule', 'notices', 'objectives', 'exclusions', 'api', 'edition']) {
      await page.evaluate(`location.hash = "#/settings?part=${part}"`);
      await page.getByRole('tabpanel').getByRole('heading', { level: 2 }).first().waitFor();
      await expect.poll(async () => await page.getByRole('status').getByText(/ing /u).count()).toBe(0);
      await expectAccessible(page, part);
    }
  });
});
