import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { expectAccessible } from '../helpers/accessible.ts';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { writeCrashInstall } from '../integration/crash/crash-install.ts';

const lab = sharedBrowserLab({ isSetUp: false });

beforeAll(() => {
  // Whatever Docker this machine has is none of the test's.
  vi.stubEnv('DOCKER_HOST', 'unix:///nowhere/docker.sock');
  writeCrashInstall(lab.rest());
});

/** The step that has this heading, and takes whoever comes to it there. */
async function heading(page: Page, name: string): Promise<void> {
  await page.locator('h2:focus', { hasText: name }).waitFor();
}

async function findTrinity(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Protect this server' }).click();
  await page.getByLabel('Folder of Trinity').fill(lab.rest().install);
  await page.getByLabel(/^Folder of Docker’s volumes/u).fill(lab.rest().volumes);
  await page.getByRole('button', { name: 'Look there' }).click();
  await page.getByText('This will be protected', { exact: false }).waitFor();
}

/** Saves the sheet, and answers the two groups that are asked for from it. */
async function keepKit(page: Page): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save', exact: true }).click(),
  ]);
  const html = readFileSync(await download.path(), 'utf8');
  const groups = [...html.matchAll(/<span>([0-9A-Z]{6})<\/span>/gu)].map(([, group = '']) => group);
  expect(groups).toHaveLength(6);
  const fields = page.getByLabel(/^Group \d$/u);
  await expect.poll(async () => await fields.count()).toBe(2);
  for (const field of await fields.all()) {
    const label = await field.evaluate(
      (element: Readonly<{ labels: Iterable<Readonly<{ textContent: string }>> }>) =>
        [...element.labels][0]?.textContent,
    );
    const at = Number(label?.slice(-1)) - 1;
    await field.fill('AAAAAA');
    await page.getByText('This is not what the sheet says.').waitFor();
    expect(await page.getByRole('button', { name: 'Go on' }).isDisabled()).toBe(true);
    await field.fill((groups[at] ?? '').toLowerCase());
  }
  return groups.join('-');
}

describe('the first run', () => {
  it('is there by itself where nothing is set up, and says what is missing', async () => {
    const page = await lab.open();
    await page.getByRole('heading', { level: 1, name: 'Set up Trinity Backup' }).waitFor();
    await page.getByRole('button', { name: 'Protect this server' }).click();
    await page.getByText('No Trinity install was found', { exact: false }).waitFor();
    const docker = 'unix:///nowhere/docker.sock';
    await page.getByLabel(/^Address of Docker/u).fill(docker);
    await page.getByRole('button', { name: 'Look there' }).click();
    await page
      .getByRole('status')
      .getByText(`No Docker engine answers at ${docker}. Start Docker, or name the engine below.`)
      .waitFor();
    expect(await page.getByRole('button', { name: 'Protect this Trinity' }).isDisabled()).toBe(true);
    await page.getByText(/Docker:/u).waitFor();
    await expectAccessible(page, 'nothing found');
    await page.getByLabel('Folder of Trinity').fill('relative');
    await page.getByText('Name the folder from the root on', { exact: false }).waitFor();
    expect(await page.getByRole('button', { name: 'Look there' }).isDisabled()).toBe(true);
  });

  it('names the command that opens Docker, what it allows, and looks again', async () => {
    const page = await lab.open();
    let asked = 0;
    await page.route('**/ipc/setup.probe', async (route) => {
      asked += 1;
      const docker = {
        state: 'refused',
        words: 'This user may not use the Docker engine.',
        mend: { command: 'sudo usermod -aG docker "$USER"', allows: 'Members may do anything.' },
      };
      const keyProblem = 'No secret can be kept here.';
      const nothing = { report: null, problem: 'No Trinity.', environment: null, dataBytes: null };
      const value = { docker, ...nothing, keyProblem };
      await route.fulfill({ json: { ok: true, value } });
    });
    await page.getByRole('button', { name: 'Protect this server' }).click();
    await page.getByText('sudo usermod -aG docker "$USER"').waitFor();
    await page.getByText('Members may do anything.').waitFor();
    await page.getByText('Key: No secret can be kept here.').waitFor();
    await page.getByRole('button', { name: 'Check again' }).click();
    await expect.poll(() => asked).toBe(2);
  });

  it('chooses a folder from a list', async () => {
    const page = await lab.open();
    await page.getByRole('button', { name: 'Protect this server' }).click();
    await page.getByLabel('Folder of Trinity').fill(lab.rest().base);
    await page.getByRole('button', { name: 'Choose…' }).first().click();
    await page.getByRole('button', { name: 'trinity', exact: true }).click();
    await page.getByRole('button', { name: 'trinity-data' }).waitFor();
    await page.getByRole('button', { name: 'Use this folder' }).click();
    await expect.poll(() => page.getByLabel('Folder of Trinity').inputValue()).toBe(lab.rest().install);
  });

  it('leads to the first proven backup, and goes on where it was left', async () => {
    const page = await lab.open();
    await findTrinity(page);
    await expectAccessible(page, 'found');
    await page.getByRole('button', { name: 'Protect this Trinity' }).click();
    await heading(page, 'Where do the backups go?');
    await page.reload();
    await page.getByRole('button', { name: 'Protect this server' }).click();
    await heading(page, 'Where do the backups go?');
    const used = path.join(lab.rest().base, 'used');
    mkdirSync(used);
    writeFileSync(path.join(used, 'mine'), '');
    await page.getByLabel('Folder for the vault').fill(used);
    await page.getByText('There is something else in this folder', { exact: false }).waitFor();
    await page.getByLabel('Folder for the vault').fill(path.join(lab.rest().base, 'vault'));
    await page.getByText('The folder will be made.', { exact: false }).waitFor();
    await page.getByText('is on the disk that is backed up', { exact: false }).waitFor();
    await expectAccessible(page, 'place');
    expect(await page.locator('[aria-current=step]').textContent()).toMatch(/Where$/u);
    await page.getByRole('button', { name: 'Use this place' }).click();
    await heading(page, 'What opens the vault?');
    await page.getByLabel('The recovery key, or a passphrase that I choose').click();
    await page.getByLabel('Passphrase', { exact: true }).fill('short');
    await page.getByText('Use 8 characters or more.').waitFor();
    await page.getByLabel('Passphrase', { exact: true }).fill('four words of mine');
    await page.getByLabel('Once more').fill('four words of yours');
    await page.getByText('The two are not the same.').waitFor();
    await expectAccessible(page, 'key');
    expect(await page.getByRole('button', { name: 'Make the vault' }).isDisabled()).toBe(true);
    await page.getByLabel('Once more').fill('four words of mine');
    await page.getByRole('button', { name: 'Make the vault' }).click();
    await page.getByRole('button', { name: 'Print' }).waitFor();
    // The page is closed before anything was printed: the next one asks for a sheet again.
    await page.reload();
    await page.getByRole('button', { name: 'Make a sheet' }).click();
    const recoveryKey = await keepKit(page);
    await expectAccessible(page, 'kit');
    await page.getByRole('button', { name: 'Go on' }).click();
    await heading(page, 'How often?');
    await page.getByLabel('Hours between backups').fill('0');
    await page.getByText('Choose 1 to 168 hours.').waitFor();
    await expectAccessible(page, 'how often');
    await page.getByLabel('Hours between backups').fill('12');
    await page.getByRole('button', { name: 'Make the first backup' }).click();
    const begin = page.getByRole('button', { name: 'Back up now' });
    const proven = page.getByText('Proven: your backup restores.');
    // The schedule may have made it already.
    await begin.or(proven).first().waitFor();
    if (await begin.isVisible()) await begin.click({ timeout: 20_000 }).catch(() => undefined); // gone: it has begun by itself
    await proven.waitFor();
    await page.getByText('came back byte for byte', { exact: false }).waitFor();
    await expectAccessible(page, 'proven');
    await page.getByRole('button', { name: 'Open the overview' }).click();
    const sentence = page.getByRole('main').getByRole('status');
    await expect.poll(() => sentence.textContent()).toMatch(/^Protected\. /u);
    const { json } = await lab.rest().ask({ method: 'POST', path: '/ipc/setup.get', body: {} });
    expect(json).toEqual({ ok: true, value: { isSetUp: true, step: null } });
    const options = { signal: new AbortController().signal, onProgress: () => undefined };
    expect(await lab.rest().application.run('settingsGet', { path: ['scheduleHours'] }, options)).toBe(12);
    await lab.rest().application.run('recoveryKeyCheck', { recoveryKey }, options);
  });
});
