import { renameSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
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
});
