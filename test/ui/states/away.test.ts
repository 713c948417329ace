import { existsSync, renameSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectAccessible } from '../../helpers/accessible.ts';
import { sharedBrowserLab } from '../../helpers/browser-lab.ts';
import { unwatched } from '../../helpers/tiny-engine.ts';

const lab = sharedBrowserLab({ isSetUp: true });

function moveVault(to: 'away' | 'back'): void {
  const folder = path.join(lab.rest().base, 'vault');
  const away = `${folder}-away`;
  if (to === 'away') renameSync(folder, away);
  else if (existsSync(away)) renameSync(away, folder);
}

beforeAll(async () => {
  await lab.backUp();
  await lab.backUp();
});
beforeEach(() => moveVault('away'));
afterEach(() => moveVault('back'));

async function toPage(address: string): Promise<Page> {
  return await lab.open({ width: 900, height: 600, isRefused: true, at: address });
}

const reading = [
  { address: 'restore', shows: 'Everything' },
  { address: 'restore?agent=one', shows: /^By hand/ },
  { address: 'history', shows: 'Proof, pin' },
  { address: 'history?view=compare', shows: /^Owner, mode, time \d/ },
  { address: 'history?view=find&name=notes', shows: /^\d paths? in 2 backups\.$/ },
  { address: 'agents', shows: 'Included' },
] as const;

describe('pages of a vault whose place is away', () => {
  it.each(reading)('say so on $address, and go on when it is back', async ({ address, shows }) => {
    const page = await toPage(address);
    const main = page.getByRole('main');
    const told = main.getByText('Waiting for the vault', { exact: false });
    await told.first().waitFor();
    await expectAccessible(page, address);
    moveVault('back');
    await main.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(async () => await told.count()).toBe(0);
    await main.getByText(shows, { exact: true }).first().waitFor();
  });

  it.each(reading)('go on by themselves on $address, as soon as anybody finds it back', async (part) => {
    const page = await toPage(part.address);
    const main = page.getByRole('main');
    const told = main.getByText('Waiting for the vault', { exact: false });
    await told.first().waitFor();
    moveVault('back');
    await lab.rest().application.run('status', {}, unwatched);
    await expect.poll(async () => await told.count()).toBe(0);
    await main.getByText(part.shows, { exact: true }).first().waitFor();
  });

  it('say on the overview what is waited for', async () => {
    const page = await toPage('overview');
    await page
      .getByRole('main')
      .getByRole('status')
      .getByText(/^Waiting for .+; last backup /u)
      .waitFor();
    await page.getByText('this is what the history of this computer remembers', { exact: false }).waitFor();
    await page
      .getByRole('row', { name: /^one agent-one-workspace ?: How it stands is not known now\./u })
      .waitFor();
    await page.getByRole('img', { name: /^one: backed up on 1 day of 30, failed on 0$/u }).waitFor();
    expect(await page.getByText(/not proven|this install/iu).count()).toBe(0);
    await expectAccessible(page, 'overview');
  });

  it('say on the storage page that it is not there, and test it again', async () => {
    const page = await toPage('storage');
    const vault = page.getByRole('region', { name: 'The vault', exact: true });
    await vault.getByText('Waiting for the vault', { exact: false }).first().waitFor();
    const known = page.getByText('This is known when the vault is there again.');
    await known.first().waitFor();
    // Once is enough, and it is no failure.
    expect(await page.getByRole('alert').count()).toBe(1);
    await expectAccessible(page, 'storage');
    moveVault('back');
    await vault.getByRole('button', { name: 'Try again' }).click();
    await vault.getByText(/^2 backups, /u).waitFor();
    // What hangs on it has no button of its own.
    await page.getByText('Today nothing would go: 2 backups would stay.').waitFor();
    await page.getByRole('button', { name: 'Recovery kit' }).waitFor();
    expect(await known.count()).toBe(0);
  });

  it('do not say of a copy what only the vault could tell', async () => {
    const page = await lab.open({ isRefused: true });
    const copy = {
      name: 'attic',
      location: '/mnt/attic',
      required: true,
      enabled: true,
      isRunning: false,
      copiedAt: new Date().toISOString(),
      behindSince: null,
      lacks: null,
      problem: null,
      backups: 2,
      packs: 1,
      bytes: 1,
    };
    await page.route('**/ipc/copies.list', async (route) => {
      await route.fulfill({ json: { ok: true, value: [copy] } });
    });
    await page.evaluate('location.hash = "#/storage"');
    await page.reload();
    await page.getByText('Whether it has every backup is known when the vault can be asked.').waitFor();
  });

  it('show what is known without it', async () => {
    const page = await toPage('history');
    await expect.poll(async () => await page.getByRole('row', { name: /A backup/u }).count()).toBe(2);
    await page.getByRole('link', { name: 'Agents', exact: true }).click();
    await page.getByText('What is known without it is shown.').waitFor();
    await page.getByRole('link', { name: 'two', exact: true }).click();
    const panel = page.getByRole('dialog');
    await panel.getByText('agent-two-workspace').waitFor();
    // It is in two of them: nobody may say that it is in none.
    await panel.getByText('Whether a backup holds it is not known now').waitFor();
    expect(await panel.getByText(/in no backup/iu).count()).toBe(0);
    await expectAccessible(page, 'agent');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Activity', exact: true }).click();
    await page
      .getByRole('listitem')
      .filter({ hasText: /is done/u })
      .first()
      .waitFor();
    await page.getByRole('link', { name: 'Settings', exact: true }).click();
    await page.getByRole('tab', { name: 'Exclusions' }).click();
    await page.getByText(/^This saves /u).waitFor();
    await expectAccessible(page, 'settings');
  });
});
