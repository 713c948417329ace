import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../../helpers/accessible.ts';
import { sharedBrowserLab } from '../../helpers/browser-lab.ts';

const lab = sharedBrowserLab({ isSetUp: true });
const message = 'The disk does not answer.';

beforeAll(async () => {
  await lab.backUp();
  await lab.backUp();
});

/** What a page cannot do without this call, and what stands there when it is answered at last. */
const failures = [
  { address: 'overview', call: 'status.get', shows: /^Backed up / },
  { address: 'overview', call: 'history.coverage', shows: 'Coverage' },
  { address: 'restore', call: 'backups.list', shows: 'Everything' },
  { address: 'restore?agent=one', call: 'backups.list', shows: /^By hand/ },
  { address: 'history', call: 'history.timeline', shows: 'Proof, pin' },
  { address: 'history?view=compare', call: 'backups.list', shows: 'From' },
  { address: 'history?view=compare', call: 'backups.compare', shows: /^Owner, mode, time \d/ },
  { address: 'history?view=find&name=notes', call: 'backups.find', shows: /^\d paths? in 2 backups\.$/ },
  { address: 'agents', call: 'agents.list', shows: 'Included' },
  { address: 'storage', call: 'home.get', shows: 'The vault' },
  { address: 'storage', call: 'copies.list', shows: /^All backups are on the/ },
  { address: 'storage', call: 'keys.list', shows: 'Recovery key' },
  { address: 'storage', call: 'retention.preview', shows: /^Today nothing/ },
  { address: 'activity', call: 'activity.list', shows: /is done/ },
  { address: 'settings?part=notices', call: 'settings.get', shows: 'What is told' },
  { address: 'settings?part=schedule', call: 'schedule.get', shows: /planned\.$/ },
  { address: 'settings?part=edition', call: 'entitlements.get', shows: 'Enterprise edition' },
  { address: 'setup', call: 'setup.get', shows: 'Protect this server' },
  { address: 'unlock', call: 'home.get', shows: 'Unlock' },
] as const;

describe('pages that are answered with a failure', () => {
  it.each(failures)(
    'say it on $address where $call fails, and try again',
    async ({ address, call, shows }) => {
      let isBroken = true;
      const before = async (page: Page) =>
        await page.route(`**/ipc/${call}`, async (route) => {
          const error = { kind: 'unavailable', message, details: {} };
          await (isBroken ? route.fulfill({ status: 503, json: { ok: false, error } }) : route.continue());
        });
      const page = await lab.open({ width: 900, height: 600, isRefused: true, at: address, before });
      const main = page.getByRole('main');
      const alert = main.getByRole('alert');
      await alert.getByText(message, { exact: true }).waitFor();
      // A page that is new hears how all stands, and asks once more for what it could not read.
      await expect.poll(async () => await alert.count()).toBe(1);
      await expectAccessible(page, `${address} without ${call}`);
      isBroken = false;
      await alert.getByRole('button', { name: 'Try again' }).click();
      await main.getByText(shows, { exact: true }).first().waitFor();
      await expect.poll(async () => await alert.count()).toBe(0);
    },
  );
});
