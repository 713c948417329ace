import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Look, sharedBrowserLab } from '../helpers/browser-lab.ts';
import { webListener } from '../helpers/web-listener.ts';
import { readApiToken } from '../../main/app/home/api-token.ts';

const lab = sharedBrowserLab({ isSetUp: true });
const options = { signal: new AbortController().signal, onProgress: () => undefined };

async function stored(...path: readonly string[]): Promise<unknown> {
  return await lab.rest().application.run('settingsGet', { path: [...path] }, options);
}

async function openPart(label: string, look: Look = {}): Promise<Page> {
  const page = await lab.open(look);
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByRole('tab', { name: label }).click();
  return page;
}

function section(page: Page, name: string) {
  return page.getByRole('region', { name, exact: true });
}

async function save(page: Page, name: string): Promise<void> {
  await section(page, name).getByRole('button', { name: 'Save', exact: true }).click();
  await expect
    .poll(
      async () => await section(page, name).getByRole('button', { name: 'Save', exact: true }).isDisabled(),
    )
    .toBe(true);
}

describe('the settings', () => {
  it('choose a theme, which holds at once', async () => {
    const page = await openPart('General');
    await page.getByText('Dark', { exact: true }).click();
    await expect.poll(() => page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark');
    await page.getByText('Trinity Backup 0.', { exact: false }).waitFor();
  });

  it('change the schedule, and the next runs with it', async () => {
    const page = await openPart('Schedule');
    await page.getByText('Nothing is planned.').waitFor();
    const hours = page.getByLabel('Hours between backups');
    await hours.fill('169');
    await page.getByText('Choose 1 to 168 hours.').waitFor();
    const saveButton = section(page, 'Backups').getByRole('button', { name: 'Save', exact: true });
    expect(await saveButton.isDisabled()).toBe(true);
    await hours.fill('');
    expect(await saveButton.isDisabled()).toBe(true);
    await hours.fill('7');
    await page.getByRole('switch', { name: 'Back up automatically' }).click();
    await page.getByRole('switch', { name: 'Also when Trinity Backup starts' }).click();
    await page.getByRole('switch', { name: /^Also when it ends/u }).click();
    await save(page, 'Backups');
    await expect.poll(async () => await stored('scheduleHours')).toBe(7);
    const flags = async () => [
      await stored('enabled'),
      await stored('onStartup'),
      await stored('onShutdown'),
    ];
    await expect.poll(flags).toEqual([true, true, false]);
    await expect
      .poll(() => page.getByRole('list', { name: 'Next runs' }).getByRole('listitem').count())
      .toBe(3);
    await page.getByLabel('Days between rehearsals').fill('3');
    await page.getByRole('switch', { name: 'Rehearse automatically' }).click();
    await save(page, 'Rehearsals');
    await expect.poll(async () => await stored('drill')).toMatchObject({ enabled: false, everyDays: 3 });
    await lab.rest().application.run('settingsSet', { path: ['enabled'], value: false }, options);
    await page.getByText('Nothing is planned.').waitFor();
  });

  it('pause what is planned, and resume it', async () => {
    const { application } = lab.rest();
    await application.run('settingsSet', { path: ['enabled'], value: true }, options);
    onTestFinished(async () => {
      await application.run('settingsSet', { path: ['enabled'], value: false }, options);
    });
    const page = await openPart('Schedule');
    const next = section(page, 'Next runs');
    await next.getByRole('button', { name: 'Until tomorrow' }).click();
    await next.getByText(/^Paused until (?:\w{3} )?08:00\.$/u).waitFor();
    expect(await next.getByRole('listitem').count()).toBe(0);
    await next.getByRole('button', { name: 'Resume' }).click();
    await expect.poll(() => next.getByRole('listitem').count()).toBe(3);
    expect(await stored('pausedUntil')).toBe(null);
    await next.getByRole('button', { name: 'Until I resume' }).click();
    await next.getByText('Paused until you resume.', { exact: true }).waitFor();
    expect(await stored('pausedUntil')).toBe('resumed');
    await next.getByRole('button', { name: 'Resume' }).click();
    await expect.poll(() => next.getByRole('listitem').count()).toBe(3);
  });

  it('leave what was filled in out again', async () => {
    const page = await openPart('Objectives');
    const field = page.getByLabel(/older than, in hours/u);
    await field.fill('8761');
    await page.getByText('Choose 1 to 8,760 hours.').waitFor();
    await page.getByRole('button', { name: 'Discard' }).click();
    await expect.poll(() => field.inputValue()).toBe('24');
    await field.fill('30');
    await page.getByLabel(/nothing has proven for/u).fill('20');
    await page.getByLabel(/copy is behind for/u).fill('72');
    await save(page, 'Objectives');
    await expect
      .poll(async () => await stored('objectives'))
      .toEqual({ backupHours: 30, proofDays: 20, copyHours: 72 });
  });

  it('set quiet hours and what is told', async () => {
    const page = await openPart('Notices');
    await page.getByRole('switch', { name: 'Tell me of the first good backup' }).click();
    await page.getByRole('switch', { name: 'Tell me of every good backup' }).click();
    await page.getByRole('switch', { name: /^Quiet hours:/u }).click();
    await page.getByLabel('Quiet from').fill('21:30');
    await save(page, 'What is told');
    await expect
      .poll(async () => await stored('notifications'))
      .toMatchObject({
        firstSuccess: false,
        everySuccess: true,
        quietHours: { from: '21:30', to: '07:00' },
      });
    await page.getByRole('switch', { name: /^Quiet hours:/u }).click();
    await save(page, 'What is told');
    await expect.poll(async () => await stored('notifications', 'quietHours')).toBeNull();
  });

  it('send a test to the web hook that was saved, and say when it is not taken', async () => {
    const hook = await webListener();
    const page = await openPart('Notices', { isRefused: true });
    const part = section(page, 'Web hook');
    await part.getByLabel('Address of the web hook').fill('example.com');
    await part.getByText('Write it as https://example.com/hook.').waitFor();
    await part.getByLabel('Address of the web hook').fill(`${hook.url}/hook`);
    await save(page, 'Web hook');
    await expect
      .poll(async () => await stored('notifications', 'webhook'))
      .toEqual({ url: `${hook.url}/hook` });
    await part.getByRole('button', { name: 'Send test' }).click();
    await part.getByText('The test was accepted: see that it has arrived.').waitFor();
    expect(hook.heard.map(({ path }) => path)).toEqual(['/hook']);
    hook.status = 500;
    await part.getByRole('button', { name: 'Send test' }).click();
    await part.getByRole('alert').waitFor();
    await section(page, 'Heartbeat').getByLabel('Address of the heartbeat').fill(`${hook.url}/beat`);
    await save(page, 'Heartbeat');
    await expect
      .poll(async () => await stored('notifications', 'heartbeat'))
      .toEqual({ url: `${hook.url}/beat` });
    await part.getByLabel('Address of the web hook').fill('');
    await save(page, 'Web hook');
    await expect.poll(async () => await stored('notifications', 'webhook')).toBeNull();
  });

  it('keep a mail server, and its password apart and unseen', async () => {
    const page = await openPart('Notices', { isRefused: true });
    const part = section(page, 'Mail');
    await part.getByLabel('Mail server').fill('127.0.0.1');
    await part.getByText('Write it as backup@example.com.').waitFor();
    await part.getByLabel('From').fill('backup@example.com');
    await part.getByLabel(/^To /u).fill('one@example.com, two');
    await part.getByText('Write 1 to 50 addresses', { exact: false }).waitFor();
    await part.getByLabel(/^To /u).fill('one@example.com, two@example.com');
    await part.getByLabel('Port').fill('70000');
    await part.getByText('Choose 1 to 65535.').waitFor();
    await part.getByLabel('Port').fill('1');
    await part.getByLabel('Encryption').selectOption('none');
    await part.getByLabel('User (if wanted)').fill('me');
    await save(page, 'Mail');
    await expect
      .poll(async () => await stored('notifications', 'mail'))
      .toEqual({
        host: '127.0.0.1',
        port: 1,
        security: 'none',
        user: 'me',
        from: 'backup@example.com',
        to: ['one@example.com', 'two@example.com'],
      });
    await part.getByLabel('Password of me').fill('a secret of mine');
    await part.getByRole('button', { name: 'Keep the password' }).click();
    await expect.poll(() => part.getByLabel('Password of me').inputValue()).toBe('');
    expect(JSON.stringify(await stored())).not.toContain('a secret of mine');
    await part.getByRole('button', { name: 'Send test' }).click();
    await part.getByRole('alert').waitFor();
    for (const label of ['Mail server', 'User (if wanted)', 'From', /^To /u])
      await part.getByLabel(label).fill('');
    await save(page, 'Mail');
    await expect.poll(async () => await stored('notifications', 'mail')).toBeNull();
  });

  it('switch the operator queue on, and say why it is not written', async () => {
    const page = await openPart('Notices');
    await page.getByRole('switch', { name: 'Write into the operator queue' }).click();
    await save(page, 'Trinity’s operator queue');
    await expect.poll(async () => await stored('notifications', 'operatorQueue')).toBe(true);
  });

  it('show what patterns leave out before they are saved', async () => {
    const page = await openPart('Exclusions');
    await page.getByText('Nothing more is left out', { exact: false }).waitFor();
    await page.getByLabel('Patterns, one on each line').fill('large.bin\n\n  *.none');
    await page.getByText('They leave out 2 files, 800 kB of', { exact: false }).waitFor();
    await expect.poll(async () => await stored('exclude')).toEqual([]);
    await save(page, 'Left out');
    await expect.poll(async () => await stored('exclude')).toEqual(['large.bin', '*.none']);
    await lab.rest().application.run('settingsSet', { path: ['exclude'], value: [] }, options);
  });

  it('show the token when asked, and renew it when that is confirmed', async () => {
    const page = await openPart('API');
    const file = lab.rest().application.engine.home.apiTokenFile;
    const before = (await readApiToken(file)) ?? '';
    expect(await page.content()).not.toContain(before);
    await page.getByRole('button', { name: 'Show the token' }).click();
    await page.getByText(before).waitFor();
    await page.getByRole('button', { name: 'Make a new token' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await readApiToken(file)).toBe(before);
  });

  it('say what this edition does', async () => {
    const page = await openPart('Edition');
    await page.getByText('Enterprise edition').waitFor();
    await page.getByText('Restoring everything, from any storage', { exact: false }).waitFor();
  });

  it('explain what the open edition leaves to its operator', async () => {
    const page = await lab.open();
    await page.route('**/ipc/entitlements.get', async (route) => {
      const features = ['schedule', 'retention', 'off-host', 'drills', 'rest-writes'].map((feature) => ({
        feature,
        entitlement: 'backup',
        isEntitled: false,
      }));
      await route.fulfill({ json: { ok: true, value: { edition: 'oss', entitled: [], features } } });
    });
    await page.reload();
    await page.getByRole('link', { name: 'Settings', exact: true }).click();
    await page.getByRole('tab', { name: 'Schedule' }).click();
    await page.getByText('This edition backs up when you ask for it.', { exact: false }).waitFor();
    expect(await page.getByLabel('Hours between backups').isDisabled()).toBe(true);
    await page.getByRole('link', { name: 'Storage', exact: true }).click();
    await page.getByText('This edition keeps every backup until you delete it.', { exact: false }).waitFor();
    expect(await page.getByLabel('Newest backups').isDisabled()).toBe(true);
  });
});
