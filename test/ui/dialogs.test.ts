import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { expectAccessible } from '../helpers/accessible.ts';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { unwatched } from '../helpers/tiny-engine.ts';

const lab = sharedBrowserLab({ isSetUp: true });

beforeAll(async () => {
  const foreign = path.join(lab.rest().volumes, 'weblog_database/_data');
  mkdirSync(foreign, { recursive: true });
  writeFileSync(path.join(foreign, 'rows'), 'rows');
  await lab.backUp();
  writeFileSync(path.join(lab.rest().volumes, 'agent-one-workspace/_data/notes.txt'), 'later notes');
  await lab.backUp();
});

async function toPage(label: string, isRefused = false): Promise<Page> {
  const page = await lab.open({ width: 900, height: 600, isRefused });
  await page.getByRole('link', { name: label, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: label }).waitFor();
  return page;
}

/** In the smallest window, in both themes, as long as it is open; Escape closes it. */
async function expectDialog(page: Page, name: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await expectAccessible(page, name);
  await page.keyboard.press('Escape');
  await expect.poll(async () => await dialog.count()).toBe(0);
}

describe('whatever opens over a page keeps nobody out', () => {
  it('on the overview: charts, and their tables', async () => {
    const page = await toPage('Overview');
    await page.locator('svg.recharts-surface').first().waitFor();
    await expectAccessible(page, 'charts');
    for (const name of ['Vault and source', 'Runs']) {
      await page.getByRole('button', { name: `Table: ${name}` }).click();
    }
    await expectAccessible(page, 'tables');
  });

  it('on the agents: the list, what a choice offers, and the panel of one', async () => {
    const page = await toPage('Agents');
    await page.getByRole('button', { name: 'Include weblog_database' }).waitFor();
    await expectAccessible(page, 'list');
    await page.getByRole('combobox', { name: 'While two is copied' }).click();
    await page.getByRole('option', { name: /^Stop/u }).waitFor();
    await expectAccessible(page, 'choice');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'two', exact: true }).click();
    await page
      .getByRole('dialog')
      .getByRole('img', { name: /backed up on/u })
      .waitFor();
    await expectDialog(page, 'panel');
  });

  it('in the history: what more can be done, and the details of a run that failed', async () => {
    const { application, base } = lab.rest();
    const install = path.join(base, 'trinity');
    renameSync(install, `${install}-away`);
    await application.run('backup', {}, unwatched).catch(() => undefined); // it is to fail
    renameSync(`${install}-away`, install);
    const page = await toPage('History');
    await page.getByRole('row', { name: /Failed/u }).click();
    await page.getByRole('dialog').getByText('Failed', { exact: false }).first().waitFor();
    await expectDialog(page, 'failed run');
    const row = page.getByRole('row', { name: /Everything, 2 agents/u }).first();
    await row.click();
    await page.getByRole('dialog').getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: /^Verify every byte/u }).waitFor();
    await expectAccessible(page, 'more');
    await page.evaluate('location.hash = "#/history?view=find&name=notes"');
    await page
      .getByRole('grid', { name: 'Files that were found' })
      .getByRole('row', { name: /notes\.txt/u })
      .first()
      .click();
    await expectDialog(page, 'versions');
  });

  it('on the storage page: forms, questions, choosers and results', async () => {
    const page = await toPage('Storage');
    const vault = page.getByRole('region', { name: 'The vault', exact: true });
    await vault.getByRole('button', { name: 'Test', exact: true }).click();
    await vault.getByText('All that a vault needs works here.').waitFor();
    await page.getByLabel('Newest backups').fill('0');
    await page.getByText('Choose 1 to 1,000 backups.').waitFor();
    await expectAccessible(page, 'results and limits');
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('button', { name: 'Add a copy' }).click();
    await expectAccessible(page, 'a folder');
    await page.getByRole('button', { name: 'Choose…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Use this folder' }).waitFor();
    await expectDialog(page, 'chooser');
    await page.getByText('S3 bucket').click();
    await page.getByLabel('Bucket', { exact: true }).fill('bucket');
    await expectAccessible(page, 'a bucket');
    await page.getByRole('button', { name: 'Add passphrase' }).click();
    await page.getByRole('dialog').getByLabel('Passphrase', { exact: true }).fill('short');
    await expectDialog(page, 'passphrase');
    await page.getByRole('button', { name: 'Recovery kit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await expectAccessible(page, 'before the kit');
    await dialog.getByRole('button', { name: 'Make a sheet' }).click();
    await dialog.getByText('Trinity Backup recovery kit').waitFor();
    await expectDialog(page, 'kit');
    await page.getByRole('button', { name: 'Change the master key' }).click();
    await expectDialog(page, 'question');
  });

  it('in the settings and the activity: a question, a secret, one run', async () => {
    const page = await toPage('Settings');
    await page.getByRole('tab', { name: 'API' }).click();
    await page.getByRole('button', { name: 'Show the token' }).click();
    await page.getByRole('button', { name: 'Make a new token' }).click();
    await expectDialog(page, 'renew');
    await page.getByRole('link', { name: 'Activity', exact: true }).click();
    await page.getByRole('button', { name: 'This run' }).first().click();
    await page.getByRole('button', { name: 'Show all runs' }).waitFor();
    await expectAccessible(page, 'one run');
    await page.getByText('Failures').click();
    await expectAccessible(page, 'failures');
  });

  it('when something goes wrong: the error, its details, and a note in the corner', async () => {
    const page = await toPage('Agents', true);
    const error = { kind: 'unavailable', message: 'The disk does not answer.', details: { absent: true } };
    await page.route('**/ipc/settings.set', async (route) => {
      await route.fulfill({ status: 503, json: { ok: false, error } });
    });
    await page.getByRole('switch', { name: 'Back up two' }).press('Space');
    await page.getByRole('alert').getByText('The disk does not answer.').waitFor();
    await expectAccessible(page, 'note');
    await page.route('**/ipc/settings.get', async (route) => {
      await route.fulfill({ status: 503, json: { ok: false, error } });
    });
    await page.getByRole('link', { name: 'Settings', exact: true }).click();
    await page.getByRole('tab', { name: 'Objectives' }).click();
    await page.getByRole('button', { name: 'Details' }).click();
    await page.getByText('kind: unavailable', { exact: false }).waitFor();
    await expectAccessible(page, 'details');
    onTestFinished(async () => await page.unrouteAll({ behavior: 'ignoreErrors' }));
  });
});
