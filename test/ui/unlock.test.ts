import { renameSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../helpers/accessible.ts';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';

const lab = sharedBrowserLab({ isSetUp: true });
const options = { signal: new AbortController().signal, onProgress: () => undefined };
let recoveryKey = '';

beforeAll(async () => {
  const { application } = lab.rest();
  ({ recoveryKey } = await application.run('keysNewRecoveryKey', {}, options));
  const { deviceKeyFile } = application.engine.home;
  renameSync(deviceKeyFile, `${deviceKeyFile}-lost`);
  application.engine.forgetVault();
});

describe('a vault that is locked', () => {
  it('is opened again by the way that every page offers', async () => {
    const page = await lab.open({ isRefused: true });
    await page.getByRole('link', { name: 'Storage', exact: true }).click();
    await page.getByRole('link', { name: 'Unlock' }).first().click();
    await page.getByRole('heading', { level: 1, name: 'Unlock' }).waitFor();
    const unlock = page.getByRole('button', { name: 'Unlock' });
    expect(await unlock.isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: 'Recovery key' }).fill('W4AM09');
    await unlock.click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('textbox', { name: 'Recovery key' }).fill(recoveryKey);
    await unlock.click();
    await page.getByText('The vault is open.', { exact: false }).waitFor();
    await page.getByRole('link', { name: 'Storage', exact: true }).click();
    await page.getByText(/^0 backups, /u).waitFor();
    await page
      .getByRole('row', { name: /^Recovery key.*just now/u })
      .first()
      .waitFor();
  });

  it('in a bucket takes the credentials of the bucket too, where they are known no more', async () => {
    const page = await lab.open();
    const location = 's3://bucket/trinity?endpoint=https://s3.example.com';
    await page.route('**/ipc/home.get', async (route) => {
      const { value } = (await (await route.fetch()).json()) as Readonly<{ value: object }>; // as the contract says
      await route.fulfill({ json: { ok: true, value: { ...value, vaultLocation: location } } });
    });
    const asked: unknown[] = [];
    await page.route('**/ipc/vault.connect', async (route) => {
      asked.push(route.request().postDataJSON());
      const value = { vaultId: 'a', location, keys: ['recovery'], warnings: [] };
      await route.fulfill({ json: { ok: true, value } });
    });
    await page.evaluate('location.hash = "#/unlock"');
    await page.getByRole('textbox', { name: 'Recovery key' }).fill(recoveryKey);
    await page.getByLabel('Access key').fill('AKID');
    await page.getByRole('textbox', { name: 'Secret key' }).fill('secret');
    await expectAccessible(page, 'unlock a bucket');
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByText('The vault is open.', { exact: false }).waitFor();
    const secret = { kind: 'recovery', recoveryKey };
    const credentials = { accessKeyId: 'AKID', secretAccessKey: 'secret' };
    expect(asked).toEqual([{ location, secret, credentials }]);
  });
});
