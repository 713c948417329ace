import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { sharedRestLab } from '../helpers/rest-lab.ts';
import { rowsOf } from '../helpers/tiny-install.ts';

const lost = sharedRestLab({ isSetUp: true });
const lab = sharedBrowserLab({ isSetUp: false });
const options = { signal: new AbortController().signal, onProgress: () => undefined };
let recoveryKey = '';

beforeAll(async () => {
  vi.stubEnv('DOCKER_HOST', 'unix:///nowhere/docker.sock');
  await lost().application.run('backup', {}, options);
  ({ recoveryKey } = await lost().application.run('keysNewRecoveryKey', {}, options));
});

describe('the door for those who have a backup', () => {
  it('refuses folders without a vault and keys that open none, and changes nothing', async () => {
    const page = await lab.open({ isRefused: true });
    await page.getByRole('button', { name: 'Restore from a backup I have' }).click();
    const open = page.getByRole('button', { name: 'Open the vault' });
    expect(await open.isDisabled()).toBe(true);
    await page.getByLabel('Folder of the vault').fill(lost().install);
    await page.getByText('There is no vault in', { exact: false }).waitFor();
    await page.getByLabel('Folder of the vault').fill(path.join(lost().base, 'vault'));
    await page.getByText('There is a vault in this folder.').waitFor();
    await page.getByText('Passphrase', { exact: true }).click();
    await page.getByRole('textbox', { name: 'Passphrase' }).fill('none of them');
    await open.click();
    await page.getByRole('alert').waitFor({ timeout: 30_000 });
    const { json } = await lab.rest().ask({ method: 'POST', path: '/ipc/home.get', body: {} });
    expect(json).toMatchObject({ value: { vaultLocation: null } });
  });

  it('brings a whole server into an empty folder, and goes on with backups', async () => {
    const page = await lab.open({ scheme: 'dark', width: 900, height: 600, isRefused: true });
    await page.getByRole('button', { name: 'Restore from a backup I have' }).click();
    await page.getByLabel('Folder of the vault').fill(path.join(lost().base, 'vault'));
    await page
      .getByLabel('Recovery key', { exact: true })
      .last()
      .fill(recoveryKey.toLowerCase().replaceAll('-', ' '));
    await page.getByRole('button', { name: 'Open the vault' }).click();
    await page.getByRole('button', { name: /2 agents: one, two/u }).click({ timeout: 30_000 });
    const folder = page.getByLabel('Folder for Trinity');
    await expect.poll(() => folder.inputValue()).toBe(lost().install);
    await page.getByText('There is something else in this folder', { exact: false }).waitFor();
    const target = path.join(lab.rest().base, 'again');
    mkdirSync(target);
    await folder.fill(target);
    expect(existsSync(path.join(target, '.env'))).toBe(false);
    await page.getByRole('button', { name: /^Restore the server from/u }).click();
    await page.getByText(/^Restored and checked: \d+ sources\.$/u).waitFor({ timeout: 60_000 });
    const again = path.join(target, 'volumes/agent-one-workspace/_data/notes.txt');
    expect(readFileSync(again, 'utf8')).toBe('notes of one');
    expect(rowsOf(path.join(target, 'trinity-data/trinity.db'))).toEqual(
      rowsOf(path.join(lost().install, 'trinity-data/trinity.db')),
    );
    await page.getByText('refs/tags/v0.9.5', { exact: false }).waitFor();
    await page.getByRole('link', { name: 'Open the overview' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    const { json } = await lab.rest().ask({ method: 'POST', path: '/ipc/setup.get', body: {} });
    expect(json).toEqual({ ok: true, value: { isSetUp: true, step: null } });
  });

  it.each([
    { details: {}, said: 'Nothing was changed.' },
    { details: { putBack: true }, said: 'Everything was put back as it was.' },
    { details: { isMixed: true }, said: 'What is live is not in order yet.' },
    { details: { isDone: true }, said: /^Everything is restored, but/u },
  ])('says what a restore has left that failed with $details', async ({ details, said }) => {
    const page = await lab.open();
    await page.route('**/ipc/tasks.get', async (route) => {
      const response = await route.fetch();
      const text = (await response.text()).replace(
        /"details":\{[^}]*\}/u,
        `"details":${JSON.stringify(details)}`,
      );
      await route.fulfill({ response, body: text });
    });
    await page.evaluate('location.hash = "#/setup"');
    await page.getByRole('button', { name: 'Restore from a backup I have' }).click();
    await page.getByLabel('Folder of the vault').fill(path.join(lost().base, 'vault'));
    await page.getByRole('textbox', { name: 'Recovery key' }).fill(recoveryKey);
    await page.getByRole('button', { name: 'Open the vault' }).click();
    await page
      .getByRole('button', { name: /2 agents: one, two/u })
      .first()
      .click({ timeout: 30_000 });
    await page.getByRole('button', { name: /^Restore the server from/u }).click();
    await page.getByText(said).waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Choose another place' }).click();
    await page.getByLabel('Folder for Trinity').waitFor();
  });
});
