import type { Page } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { expectAccessible } from '../../helpers/accessible.ts';
import { sharedBrowserLab } from '../../helpers/browser-lab.ts';
import { unwatched } from '../../helpers/tiny-engine.ts';

const lab = sharedBrowserLab({ isSetUp: true });

beforeAll(async () => {
  await lab.backUp();
  await lab.backUp();
});

/** A backup that is on for as long as the test lasts. */
beforeEach(async () => {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const { engine } = lab.rest().application;
  const run = engine.exclusively('backup', unwatched, async ({ onProgress }) => {
    onProgress({ phase: 'persistence', done: 1, total: 4, unit: 'files', detail: '' });
    begun.resolve();
    await ended.promise;
  });
  await begun.promise;
  onTestFinished(async () => {
    ended.resolve();
    await run;
  });
});

async function toPage(label: string, isRefused = false): Promise<Page> {
  const page = await lab.open({ width: 900, height: 600, isRefused });
  await page.getByRole('link', { name: label, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: label }).waitFor();
  return page;
}

async function setting(...at: readonly string[]): Promise<unknown> {
  return await lab.rest().application.run('settingsGet', { path: [...at] }, unwatched);
}

describe('pages while a backup is on', () => {
  it('say how far it is, in one place with one way to end it', async () => {
    const page = await toPage('Overview');
    await page
      .getByRole('main')
      .getByRole('status')
      .getByText(/^Backing up: .*25 %/u)
      .waitFor();
    await page.getByText('1 of 4 files', { exact: true }).waitFor();
    expect(
      await page
        .getByRole('main')
        .getByRole('button', { name: /^Cancel/u })
        .count(),
    ).toBe(1);
    expect(await page.getByRole('main').getByRole('button', { name: 'Back up now' }).count()).toBe(0);
    await expectAccessible(page, 'overview');
  });

  it('say in the history what is in the way, and keep what it has', async () => {
    const page = await toPage('History', true);
    await page
      .getByRole('row', { name: /Everything, 2 agents/u })
      .first()
      .click();
    const panel = page.getByRole('dialog');
    await panel.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page
      .getByRole('alert')
      .getByText(/^A backup .*is running/u)
      .waitFor();
    await expectAccessible(page, 'history');
    const { backups } = await lab.rest().application.run('list', { trashed: false }, unwatched);
    expect(backups).toHaveLength(2);
  });

  it('lead from an empty page to the backup that is on', async () => {
    const page = await lab.open();
    await page.route('**/ipc/history.timeline', async (route) => {
      const source = { state: 'open', copy: null, message: null };
      const value = { rows: [], total: 0, components: [], agents: [], unreadable: [], source };
      await route.fulfill({ json: { ok: true, value } });
    });
    await page.getByRole('link', { name: 'History', exact: true }).click();
    await page.getByText('Nothing was backed up yet').waitFor();
    await page.getByRole('link', { name: 'Show what is on' }).click();
    await page.getByRole('progressbar', { name: 'Backing up' }).waitFor();
  });

  it('show the words of the restore’s button whole, though it says what is cancelled first', async () => {
    const page = await toPage('Restore');
    await page.getByRole('button', { name: /^Everything/u }).click();
    await page.getByRole('list', { name: 'Backups' }).getByRole('button').first().click();
    await page.getByRole('button', { name: /^Back where it was/u }).click();
    const label = page
      .getByRole('button', { name: /^Cancel it and restore everything/u })
      .locator('.mantine-Button-label');
    await label.waitFor();
    // As high as a line of it, of which letters reach below the rest.
    expect((await label.boundingBox())?.height).toBeGreaterThanOrEqual(16);
    await expectAccessible(page, 'plan');
  });

  it('let agents and settings be changed, and hold them for the next', async () => {
    const page = await toPage('Agents');
    await page.getByRole('switch', { name: 'Back up two' }).press('Space');
    await expect.poll(async () => await setting('agents')).toMatchObject({ two: { include: false } });
    await page.getByRole('row', { name: /^Left out by hand two/u }).waitFor();
    await page.getByRole('switch', { name: 'Back up two' }).press('Space');
    await page.getByRole('row', { name: /^Backed up two/u }).waitFor();
    await expectAccessible(page, 'agents');
    await page.evaluate('location.hash = "#/settings?part=schedule"');
    await page.getByRole('switch', { name: 'Also when Trinity Backup starts' }).press('Space');
    const part = page.getByRole('region', { name: 'Backups', exact: true });
    await part.getByRole('button', { name: 'Save', exact: true }).click();
    await expect.poll(async () => await setting('onStartup')).toBe(true);
    await expectAccessible(page, 'settings');
  });

  it('say on the storage page what is in the way of keys, and read the vault all the same', async () => {
    const page = await toPage('Storage', true);
    const vault = page.getByRole('region', { name: 'The vault', exact: true });
    await vault.getByText(/^2 backups, /u).waitFor();
    await vault.getByRole('button', { name: 'Verify now' }).click();
    await vault.getByText(/^Nothing is damaged: /u).waitFor();
    await page.getByRole('button', { name: 'Change the master key' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Change the master key' }).click();
    await page
      .getByRole('alert')
      .getByText(/^A backup .*is running/u)
      .waitFor();
    await expectAccessible(page, 'storage');
  });

  it('tell in the activity what has happened so far', async () => {
    const page = await toPage('Activity');
    await page
      .getByRole('listitem')
      .filter({ hasText: /is done/u })
      .first()
      .waitFor();
    await expectAccessible(page, 'activity');
  });
});
