import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { expectAccessible } from '../helpers/accessible.ts';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { sharedRestLab } from '../helpers/rest-lab.ts';
import { rowsOf } from '../helpers/tiny-install.ts';

const lost = sharedRestLab({ isSetUp: true });
const lab = sharedBrowserLab({ isSetUp: false });
const options = { signal: new AbortController().signal, onProgress: () => undefined };
let recoveryKey = '';

const databaseUrl = 'DATABASE_URL=sqlite:////data/trinity.db';

beforeAll(async () => {
  const values = ['FRONTEND_PORT=80', 'FRONTEND_URL=http://trinity.lan', databaseUrl, ''].join('\n');
  appendFileSync(path.join(lost().install, '.env'), values);
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
    await page.getByRole('alert').waitFor();
    // The key is asked for here.
    expect(await page.getByRole('link', { name: 'Unlock' }).count()).toBe(0);
    const { json } = await lab.rest().ask({ method: 'POST', path: '/ipc/home.get', body: {} });
    expect(json).toMatchObject({ value: { vaultLocation: null } });
  });

  it('brings a whole server into an empty folder with the values of this one, and goes on with backups', async () => {
    const page = await lab.open({ scheme: 'dark', width: 900, height: 600, isRefused: true });
    await page.getByRole('button', { name: 'Restore from a backup I have' }).click();
    await page.getByLabel('Folder of the vault').fill(path.join(lost().base, 'vault'));
    await page.getByText('There is a vault in this folder.').waitFor();
    await expectAccessible(page, 'vault');
    await page
      .getByLabel('Recovery key', { exact: true })
      .last()
      .fill(recoveryKey.toLowerCase().replaceAll('-', ' '));
    await page.getByRole('button', { name: 'Open the vault' }).click();
    const backup = page.getByRole('button', { name: /2 agents: one, two/u });
    await backup.waitFor();
    await expectAccessible(page, 'backup');
    await backup.click();
    const folder = page.getByLabel('Folder for Trinity');
    await expect.poll(() => folder.inputValue()).toBe(lost().install);
    await page.getByText('There is something else in this folder', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByRole('alert').getByText('is not an empty folder').first().waitFor();
    await page.getByRole('button', { name: 'Choose another place' }).click();
    const target = path.join(lab.rest().base, 'again');
    mkdirSync(target);
    await folder.fill(target);
    await expectAccessible(page, 'where');
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByText(`A new install is built in ${target}`, { exact: false }).waitFor();
    const port = page.getByLabel('FRONTEND_PORT');
    await expect.poll(() => port.inputValue()).toBe('80');
    expect(await page.getByLabel('DATABASE_URL', { exact: true }).inputValue()).toBe('');
    await port.fill('8081');
    await expectAccessible(page, 'plan');
    expect(existsSync(path.join(target, '.env'))).toBe(false);
    await page.getByRole('button', { name: /^Restore the server from/u }).click();
    await page.getByText(/^Restored and checked: \d+ parts\.$/u).waitFor();
    await expectAccessible(page, 'restored');
    const again = path.join(target, 'volumes/agent-one-workspace/_data/notes.txt');
    expect(readFileSync(again, 'utf8')).toBe('notes of one');
    expect(rowsOf(path.join(target, 'trinity-data/trinity.db'))).toEqual(
      rowsOf(path.join(lost().install, 'trinity-data/trinity.db')),
    );
    const environment = readFileSync(path.join(target, '.env'), 'utf8').split('\n');
    expect(environment).toContain('FRONTEND_PORT=8081');
    expect(environment).toContain('FRONTEND_URL=http://trinity.lan');
    expect(environment).toContain(databaseUrl);
    await page.getByText('refs/tags/v0.9.5', { exact: false }).waitFor();
    await page.getByRole('link', { name: 'Open the overview' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    const { json } = await lab.rest().ask({ method: 'POST', path: '/ipc/setup.get', body: {} });
    expect(json).toEqual({ ok: true, value: { isSetUp: true, step: null } });
  });

  it.each([
    { details: {}, said: 'Whether anything was changed is not known.' },
    { details: { isUntouched: true }, said: 'Nothing was changed.' },
    { details: { isUntouched: true, isNotBack: true }, said: 'Not everything is back as it was yet.' },
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
    await toRefusal(page);
    await page.getByText(said).waitFor();
  });

  it('lists what is left to do in its order, with its commands, and finishes', async () => {
    const page = await lab.open();
    await answerAsUnfinished(page);
    const target = path.join(lab.rest().base, 'unfinished');
    await toPlan(page, target);
    await page.getByRole('button', { name: /^Restore the server from/u }).click();
    const left = page.getByRole('list', { name: 'What is left to do' }).getByRole('listitem');
    await expect.poll(async () => await left.count()).toBe(4);
    const words = await left.allTextContents();
    expect(words[0]).toContain(`${target}/.env`);
    expect(words[1]).toContain('refs/tags/v0.9.5');
    expect(words[2]).toContain(`cd ${target} && docker compose -f docker-compose.prod.yml up -d postgres`);
    await expectAccessible(page, 'left to do');
    await left.last().getByRole('button', { name: 'Finish' }).click();
    await left.last().getByText('Nothing is left to do.').waitFor();
  });

  it('keeps what was typed when the restore is refused', async () => {
    const page = await lab.open();
    const target = await toRefusal(page);
    await page.getByText('Nothing was changed.').waitFor();
    await expectAccessible(page, 'refused');
    expect(existsSync(target)).toBe(false);
    await page.getByRole('button', { name: 'Choose another place' }).click();
    expect(await page.getByLabel('Folder for Trinity').inputValue()).toBe(target);
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await expect.poll(() => page.getByLabel('FRONTEND_PORT').inputValue()).toBe('8082');
  });
});

/** To the plan of a server in this folder. */
async function toPlan(page: Page, target: string, volumes?: string): Promise<void> {
  await page.evaluate('location.hash = "#/setup"');
  await page.getByRole('button', { name: 'Restore from a backup I have' }).click();
  await page.getByLabel('Folder of the vault').fill(path.join(lost().base, 'vault'));
  await page.getByRole('textbox', { name: 'Recovery key' }).fill(recoveryKey);
  await page.getByRole('button', { name: 'Open the vault' }).click();
  await page
    .getByRole('button', { name: /2 agents: one, two/u })
    .first()
    .click();
  await page.getByLabel('Folder for Trinity').fill(target);
  if (volumes !== undefined) await page.getByLabel(/^Folder for Docker’s volumes/u).fill(volumes);
  await page.getByRole('button', { name: 'Show the plan' }).click();
}

/** To a restore that is refused, since there are volumes of these names already. */
async function toRefusal(page: Page): Promise<string> {
  const target = path.join(lab.rest().base, 'refused');
  await toPlan(page, target, lost().volumes);
  await page.getByLabel('FRONTEND_PORT').fill('8082');
  await page.getByRole('button', { name: /^Restore the server from/u }).click();
  return target;
}

type Answered = { value: { causes?: readonly object[]; result?: { warnings: readonly object[] } | null } };

/** As if the volumes were in a Docker, whose Trinity does not run yet and whose database waits for its server. */
async function answerAsUnfinished(page: Page): Promise<void> {
  const action = { label: 'Finish', operation: 'finish', input: {} };
  const cause = { key: 'finish', severity: 'attention', title: 'Not finished', body: 'Left.', action };
  const warning = { code: 'database-not-yet', message: 'The database is not loaded yet.' };
  await page.route('**/ipc/status.get', async (route) => {
    const { value } = (await (await route.fetch()).json()) as Answered;
    await route.fulfill({ json: { ok: true, value: { ...value, causes: [cause] } } });
  });
  await page.route('**/ipc/tasks.get', async (route) => {
    const { value } = (await (await route.fetch()).json()) as Answered;
    const result =
      value.result?.warnings === undefined ? value.result : { ...value.result, warnings: [warning] };
    await route.fulfill({ json: { ok: true, value: { ...value, result } } });
  });
}
