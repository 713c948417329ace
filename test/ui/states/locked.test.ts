import { renameSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../../helpers/accessible.ts';
import { sharedBrowserLab } from '../../helpers/browser-lab.ts';

const lab = sharedBrowserLab({ isSetUp: true });
const locked = 'The vault is locked on this computer.';

beforeAll(async () => {
  await lab.backUp();
  const { engine } = lab.rest().application;
  const { deviceKeyFile } = engine.home;
  renameSync(deviceKeyFile, `${deviceKeyFile}-lost`);
  engine.forgetVault();
});

async function toPage(address: string): Promise<Page> {
  return await lab.open({ width: 900, height: 600, isRefused: true, at: address });
}

const leading = ['overview', 'restore', 'restore?agent=one', 'history', 'agents', 'storage'] as const;
const further = ['history?view=compare', 'history?view=find&name=notes', 'history?trash=yes'] as const;

describe('pages of a vault that is locked', () => {
  it.each([...leading, ...further])('say so and lead to where it is opened, from %s', async (address) => {
    const page = await toPage(address);
    const main = page.getByRole('main');
    await main.getByText(locked, { exact: false }).first().waitFor();
    // Commands are for the command line.
    const commands = main.getByText('use connect', { exact: false }).filter({ visible: true });
    expect(await commands.count()).toBe(0);
    await expectAccessible(page, address);
    // Once: the same button twice would make one wonder which of them is meant.
    expect(await main.getByRole('link', { name: 'Unlock' }).count()).toBe(1);
    await main.getByRole('link', { name: 'Unlock' }).click();
    await page.getByRole('heading', { level: 1, name: 'Unlock' }).waitFor();
  });

  it('show what is known without it', async () => {
    const page = await toPage('history');
    await page.getByRole('row', { name: /A backup/u }).waitFor();
    await page.getByRole('link', { name: 'Agents', exact: true }).click();
    await page.getByText('What is known without it is shown.').waitFor();
    await page.getByRole('row', { name: /^Whether a backup holds it is not known now two/u }).waitFor();
    await page.getByRole('link', { name: 'Activity', exact: true }).click();
    await page
      .getByRole('listitem')
      .filter({ hasText: /is done/u })
      .first()
      .waitFor();
    await page.getByRole('link', { name: 'Settings', exact: true }).click();
    await page.getByRole('tab', { name: 'Objectives' }).click();
    await page.getByRole('heading', { level: 2, name: 'Objectives' }).waitFor();
    await expectAccessible(page, 'settings');
  });

  it('do not say that the trash is empty, which nobody knows', async () => {
    const page = await toPage('history?trash=yes');
    await page.getByText('No backup is known just now').waitFor();
    expect(await page.getByText('The trash is empty').count()).toBe(0);
  });
});
