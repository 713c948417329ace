import { beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../helpers/accessible.ts';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';

const lab = sharedBrowserLab({ isSetUp: true });
const parts = ['general', 'schedule', 'notices', 'objectives', 'exclusions', 'api', 'edition'] as const;
const addresses = [...parts.map((part) => `settings?part=${part}`), 'storage', 'unlock', 'setup'] as const;

beforeAll(async () => await lab.backUp());

describe('every part of storage, settings and set-up', () => {
  it('keeps nobody out and fits the smallest window', async () => {
    const page = await lab.open({ width: 900, height: 600 });
    for (const address of addresses) {
      await page.evaluate(`location.hash = "#/${address}"`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.getByRole('button').first().waitFor();
      await expectAccessible(page, address);
      const wider = await page.evaluate(
        '[...document.querySelectorAll("*")].filter((it) => it.getBoundingClientRect().right > 900).map((it) => it.outerHTML.slice(0, 80))',
      );
      expect([address, wider]).toEqual([address, []]);
    }
  });

  it('is gone through by keyboard alone', async () => {
    const page = await lab.open();
    await page.evaluate('location.hash = "#/settings?part=schedule"');
    const hours = page.getByLabel('Hours between backups');
    await hours.waitFor();
    await page.getByRole('tab', { name: 'Schedule' }).focus();
    for (let tabs = 0; tabs < 20; tabs += 1) {
      await page.keyboard.press('Tab');
      if ((await page.locator(':focus').getAttribute('aria-label')) === 'Hours between backups') break;
    }
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('9');
    await page.keyboard.press('Enter');
    const options = { signal: new AbortController().signal, onProgress: () => undefined };
    await expect
      .poll(async () => await lab.rest().application.run('settingsGet', { path: ['scheduleHours'] }, options))
      .toBe(9);
    await page.getByRole('tab', { name: 'Schedule' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('heading', { level: 2, name: 'What is told' }).waitFor();
  });

  it('says what is awaited when a call takes longer than a moment', async () => {
    const page = await lab.open();
    const { promise, resolve } = Promise.withResolvers<void>();
    await page.route('**/ipc/keys.list', async (route) => {
      await promise;
      await route.continue();
    });
    await page.getByRole('link', { name: 'Storage', exact: true }).click();
    await page.getByText('Reading the keys').waitFor();
    resolve();
    await page.getByRole('button', { name: 'Recovery kit' }).waitFor();
  });

  it('tells what went wrong with a door out of it, and the technical part to copy', async () => {
    const page = await lab.open({ isRefused: true });
    let isBroken = true;
    await page.route('**/ipc/settings.get', async (route) => {
      if (!isBroken) return await route.continue();
      const error = { kind: 'unavailable', message: 'The disk does not answer.', details: { absent: true } };
      return await route.fulfill({ status: 503, json: { ok: false, error } });
    });
    await page.getByRole('link', { name: 'Settings', exact: true }).click();
    await page.getByRole('tab', { name: 'Objectives' }).click();
    await page.getByText('The disk does not answer.').first().waitFor();
    await page.getByRole('button', { name: 'Details' }).click();
    await page.getByText('kind: unavailable', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Copy' }).waitFor();
    isBroken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { level: 2, name: 'Objectives' }).waitFor();
  });

  it('has nothing to show yet, and a way on, where nothing is set up', async () => {
    const page = await lab.open();
    await page.route('**/ipc/home.get', async (route) => {
      const value = {
        version: '0',
        platform: 'linux',
        home: '/h',
        installFolder: null,
        installId: null,
        vaultLocation: null,
      };
      await route.fulfill({ json: { ok: true, value } });
    });
    await page.getByRole('link', { name: 'Storage', exact: true }).click();
    await page.getByRole('main').getByRole('link', { name: 'Set up' }).click();
    await page.getByRole('heading', { level: 1, name: 'Set up Trinity Backup' }).waitFor();
  });
});
