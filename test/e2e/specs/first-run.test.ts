import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { writeCrashInstall } from '../../integration/crash/crash-install.ts';
import { sharedDesktopLab } from '../desktop-lab.ts';

const lab = sharedDesktopLab({ isSetUp: false });

/** Saves the sheet, and types the two groups of the key that are asked for. */
async function keepKit(page: Page): Promise<void> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save', exact: true }).click(),
  ]);
  const html = readFileSync(await download.path(), 'utf8');
  const groups = [...html.matchAll(/<span>([0-9A-Z]{6})<\/span>/gu)].map(([, group = '']) => group);
  await expect.poll(async () => await page.getByLabel(/^Group \d$/u).count()).toBe(2);
  for (let group = 1; group <= groups.length; group += 1) {
    const field = page.getByLabel(`Group ${String(group)}`, { exact: true });
    if ((await field.count()) === 1) await field.fill(groups[group - 1] ?? '');
  }
}

describe('the first run', () => {
  it('leads from nothing to the first proven backup, with the dialogs of the desktop', async () => {
    const command = lab.command();
    writeCrashInstall(command);
    // Whatever Docker this machine has is none of the test's.
    const app = lab.start([], { DOCKER_HOST: 'unix:///nowhere/docker.sock' });
    await expect.poll(async () => (await app.tray())?.tooltip).toBe('Not set up yet.');
    const page = await app.window();
    await page.getByRole('button', { name: 'Protect this server' }).click();
    await page.getByRole('button', { name: 'Choose…' }).first().click();
    expect(await app.dialog()).toMatchObject({ kind: 'open', message: 'Folder of Trinity' });
    await app.answerDialog([command.install]);
    await expect
      .poll(async () => await page.getByLabel('Folder of Trinity').inputValue())
      .toBe(command.install);
    await page.getByLabel(/^Folder of Docker’s volumes/u).fill(command.volumes);
    await page.getByRole('button', { name: 'Look there' }).click();
    await page.getByText('This will be protected', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Protect this Trinity' }).click();
    await page.getByLabel('Folder for the vault').fill(command.vault);
    await page.getByText('The folder will be made.', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Use this place' }).click();
    await page.getByRole('button', { name: 'Make the vault' }).click();
    await page.getByRole('button', { name: 'Print' }).waitFor();
    await keepKit(page);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('button', { name: 'Make the first backup' }).click();
    const begin = page.getByRole('button', { name: 'Back up now' });
    const proven = page.getByText('Proven: your backup restores.');
    // The schedule may have made it already.
    await begin.or(proven).first().waitFor();
    if (await begin.isVisible()) await begin.click({ timeout: 20_000 }).catch(() => undefined); // gone: it has begun by itself
    await proven.waitFor();
    await expect.poll(async () => (await app.tray())?.tooltip).toMatch(/^Protected\. /u);
    // The key of the vault is the keychain's.
    expect(statSync(path.join(command.home, 'device-key')).size).toBeGreaterThan(32);
    await app.kill();
    const alone = await command.run(['list']);
    expect([alone.code, alone.stderr]).toEqual([
      7,
      expect.stringContaining('in the keychain of the desktop'),
    ]);
  });
});
