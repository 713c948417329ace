import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { expectAccessible } from '../helpers/accessible.ts';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { sharedRestLab } from '../helpers/rest-lab.ts';
import { unwatched } from '../helpers/tiny-engine.ts';
import { writeCrashInstall } from '../integration/crash/crash-install.ts';

const other = sharedRestLab({ isSetUp: true });
const lab = sharedBrowserLab({ isSetUp: false });
let recoveryKey = '';

beforeAll(async () => {
  vi.stubEnv('DOCKER_HOST', 'unix:///nowhere/docker.sock');
  writeCrashInstall(lab.rest());
  ({ recoveryKey } = await other().application.run('keysNewRecoveryKey', {}, unwatched));
});

/** As on a desktop without a keyring: what has to be known is shown before anything goes on. */
async function showsWarning(page: Page): Promise<void> {
  const warnings = [{ code: 'no-device-key', message: 'The key is not kept.' }];
  const value = { vaultId: 'a', location: '/vault', keys: ['recovery'], warnings };
  await page.route(
    '**/ipc/vault.connect',
    async (route) => await route.fulfill({ json: { ok: true, value } }),
  );
  await page.getByRole('button', { name: 'Open the vault' }).click();
  await page.getByText('The key is not kept.').waitFor();
  expect(await page.getByRole('button', { name: 'Go on' }).isEnabled()).toBe(true);
  expect(await page.getByRole('heading', { name: 'How often?' }).count()).toBe(0);
  await expectAccessible(page, 'opened with a warning');
  await page.unroute('**/ipc/vault.connect');
}

describe('a first run where there is a vault already', () => {
  it('asks for a bucket too, and opens the vault that is there with its key', async () => {
    const page = await lab.open({ isRefused: true, width: 900, height: 600 });
    await page.getByRole('button', { name: 'Protect this server' }).click();
    await page.getByLabel('Folder of Trinity').fill(lab.rest().install);
    await page.getByLabel(/^Folder of Docker’s volumes/u).fill(lab.rest().volumes);
    await page.getByRole('button', { name: 'Look there' }).click();
    await page.getByText('This will be protected', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Protect this Trinity' }).click();
    await page.getByText('S3 bucket').click();
    await page.getByLabel('Bucket', { exact: true }).fill('x');
    await page.getByText('A bucket has 2 to 63 letters', { exact: false }).waitFor();
    await expectAccessible(page, 'bucket');
    expect(await page.getByRole('button', { name: 'Use this place' }).isDisabled()).toBe(true);
    await page.getByText('Folder', { exact: true }).click();
    await page.getByLabel('Folder for the vault').fill(path.join(other().base, 'vault'));
    await page.getByRole('button', { name: 'Use this place' }).click();
    await page.getByRole('button', { name: 'Make the vault' }).click();
    await page.getByRole('alert').waitFor();
    await expectAccessible(page, 'there is one');
    await page.getByRole('button', { name: 'Open it with its key' }).click();
    await page.getByRole('textbox', { name: 'Recovery key' }).fill(recoveryKey);
    await expectAccessible(page, 'its key');
    await showsWarning(page);
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await page.getByRole('button', { name: 'Make the vault' }).click();
    await page.getByRole('button', { name: 'Open it with its key' }).click();
    await page.getByRole('textbox', { name: 'Recovery key' }).fill(recoveryKey);
    await page.getByRole('button', { name: 'Open the vault' }).click();
    await page.getByRole('heading', { level: 2, name: 'How often?' }).waitFor();
    const { json } = await lab.rest().ask({ method: 'POST', path: '/ipc/home.get', body: {} });
    expect(json).toMatchObject({ value: { vaultLocation: path.join(other().base, 'vault') } });
  });
});
