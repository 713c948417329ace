import { renameSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { expectAccessible } from '../helpers/accessible.ts';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';

const lab = sharedBrowserLab({ isSetUp: true });

beforeAll(async () => await lab.backUp());

/** The disk of the vault is unmounted; comes back when the returned function is called, at the latest with the end of the test. */
function loseVault(): () => void {
  const vault = path.join(lab.rest().base, 'vault');
  renameSync(vault, `${vault}-away`);
  let isAway = true;
  const bringBack = (): void => {
    if (isAway) renameSync(`${vault}-away`, vault);
    isAway = false;
  };
  onTestFinished(bringBack);
  return bringBack;
}

/** Somebody else asks how all stands, by which every page knows. */
async function askElsewhere(): Promise<void> {
  await lab.rest().ask({ path: '/metrics' });
}

function notes(page: Page) {
  return page.getByRole('main').getByRole('note');
}

describe('a page on which reading anew fails', () => {
  it('says of what it goes on to show, on the overview, when it was read and why not now', async () => {
    const page = await lab.open({ isRefused: true });
    await page.getByText('1 backup', { exact: true }).waitFor();
    expect(await notes(page).count()).toBe(0);
    const bringBack = loseVault();
    await askElsewhere();
    await expect
      .poll(async () => await notes(page).first().textContent())
      .toMatch(/^As it was just now\. It cannot/u);
    expect(await notes(page).first().textContent()).toContain(path.join(lab.rest().base, 'vault'));
    await page.getByText('1 backup', { exact: true }).waitFor();
    await expectAccessible(page, 'overview with what was read before');
    bringBack();
    await askElsewhere();
    await expect.poll(async () => await notes(page).count()).toBe(0);
  });

  it('says so of the vault on the page Storage, and reads them again when it is told to', async () => {
    const page = await lab.open({ isRefused: true });
    await page.getByRole('link', { name: 'Storage' }).click();
    await page.getByText('Objects', { exact: true }).waitFor();
    const bringBack = loseVault();
    await askElsewhere();
    const ofVault = page.getByRole('region', { name: 'The vault' }).getByRole('note');
    await ofVault.waitFor();
    await page.getByText('Objects', { exact: true }).waitFor();
    await expectAccessible(page, 'storage with what was read before');
    bringBack();
    await ofVault.getByRole('button', { name: 'Try again' }).click();
    await ofVault.waitFor({ state: 'detached' });
  });

  it.each([
    { link: 'Agents', call: 'agents.list', event: 'settingsChanged', shown: 'one' },
    { link: 'Activity', call: 'activity.list', event: 'activityRecorded', shown: /manual backup/u },
    { link: 'History', call: 'history.timeline', event: 'vaultChanged', shown: /by hand/iu },
  ] as const)('says so on the page $link', async ({ link, call, event, shown }) => {
    const page = await lab.open({ isRefused: true });
    await page.getByRole('link', { name: link, exact: true }).click();
    await page.getByRole('main').getByText(shown).first().waitFor();
    await page.route(`**/ipc/${call}`, async (route) => {
      const error = { kind: 'unavailable', message: 'The disk is away.', details: {} };
      await route.fulfill({ json: { ok: false, error } });
    });
    const { events } = lab.rest().application;
    if (event === 'settingsChanged') events.emit(event, { names: [] });
    else events.emit(event, {});
    await notes(page).getByText('The disk is away.').waitFor();
    await page.getByRole('main').getByText(shown).first().waitFor();
    await expectAccessible(page, `${link} with what was read before`);
  });
});
