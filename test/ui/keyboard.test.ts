import { readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { goToRow, pressAt, tabTo, typeInto } from '../helpers/keyboard.ts';
import { unwatched } from '../helpers/tiny-engine.ts';

const lab = sharedBrowserLab({ isSetUp: true });

beforeAll(async () => await lab.backUp());

/** No pointer is used from here on: a click would be one that a person without a mouse cannot make. */
async function toPage(label: string): Promise<Page> {
  const page = await lab.open();
  await pressAt(page, page.getByRole('link', { name: label, exact: true }));
  await page.getByRole('heading', { level: 1, name: label }).waitFor();
  return page;
}

async function setting(...at: readonly string[]): Promise<unknown> {
  return await lab.rest().application.run('settingsGet', { path: [...at] }, unwatched);
}

async function backups(): Promise<number> {
  return (await lab.rest().application.run('list', { trashed: false }, unwatched)).backups.length;
}

describe('by keyboard alone', () => {
  it('a backup is begun from the overview, its charts read as tables', async () => {
    const page = await lab.open();
    await page.route('**/ipc/status.get', async (route) => {
      const response = await route.fetch();
      const { value } = (await response.json()) as { value: object }; // the status, with the button of a stale one
      const action = { label: 'Back up now', operation: 'backup', input: {} };
      await route.fulfill({ json: { ok: true, value: { ...value, action } } });
    });
    await page.reload();
    await pressAt(page, page.getByRole('button', { name: 'Table: Vault and source' }));
    await page.getByRole('region', { name: 'Vault and source' }).getByRole('row').first().waitFor();
    const before = await backups();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await pressAt(page, page.getByRole('main').getByRole('button', { name: 'Back up now' }));
    await expect.poll(backups).toBe(before + 1);
  });

  it('an agent is restored through the wizard', async () => {
    const notes = path.join(lab.rest().volumes, 'agent-one-workspace/_data/notes.txt');
    rmSync(notes);
    const page = await toPage('Restore');
    for (const name of [/^one/u, /By hand/u, /^Back where it was/u, /^Restore one from/u]) {
      await pressAt(page, page.getByRole('button', { name }).first());
    }
    await page.getByText(/^Restored one\./u).waitFor();
    expect(readFileSync(notes, 'utf8')).toBe('notes of one');
    await tabTo(page, page.getByRole('button', { name: 'Undo' }));
  });

  it('a backup is looked at and pinned in the history', async () => {
    const page = await toPage('History');
    const grid = page.getByRole('grid', { name: 'Backups and failed runs' });
    await goToRow(page, grid, grid.getByRole('row', { name: /Everything, 2 agents/u }).last());
    await page.keyboard.press('Enter');
    const panel = page.getByRole('dialog');
    const pin = page.getByRole('menuitem', { name: /^Pin/u });
    await pressAt(page, panel.getByRole('button', { name: 'More' }));
    const chosen = page.locator('[role=menuitem]:focus');
    await chosen.waitFor();
    for (let steps = 0; steps < 10 && (await chosen.and(pin).count()) === 0; steps += 1) {
      await page.keyboard.press('ArrowDown');
    }
    expect(await chosen.textContent()).toMatch(/^Pin/u);
    await page.keyboard.press('Enter');
    const pinned = async () =>
      (await lab.rest().application.run('list', { trashed: false }, unwatched)).backups.some(
        (backup) => backup.pinned,
      );
    await expect.poll(pinned).toBe(true);
    await page.keyboard.press('Escape');
    await expect.poll(async () => await panel.count()).toBe(0);
    // From a list into its filters, and back.
    await tabTo(page, page.getByRole('link', { name: 'Find a file' }));
  });

  it('an agent is left out, held another way, and looked at', async () => {
    const page = await toPage('Agents');
    await pressAt(page, page.getByRole('link', { name: 'one', exact: true }));
    await page.getByRole('dialog').getByRole('link', { name: 'Restore…' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(async () => await page.getByRole('dialog').count()).toBe(0);
    const held = page.getByRole('combobox', { name: 'While two is copied' });
    await tabTo(page, held);
    await page.keyboard.press('Enter');
    const stop = page.getByRole('option', { name: /^Stop/u });
    await stop.waitFor();
    await expect
      .poll(async () => {
        await page.keyboard.press('ArrowDown');
        return await stop.getAttribute('data-combobox-selected');
      })
      .toBe('true');
    await page.keyboard.press('Enter');
    await expect
      .poll(async () => await setting('agents'))
      .toMatchObject({
        two: { consistency: 'stop' },
      });
    await pressAt(page, page.getByRole('switch', { name: 'Back up two' }), 'Space');
    await expect
      .poll(async () => await setting('agents'))
      .toMatchObject({
        two: { include: false },
      });
    await lab.rest().application.run('settingsSet', { path: ['agents'], value: {} }, unwatched);
  });

  it('the vault is tested, a passphrase added, and a rule of keeping changed', async () => {
    const page = await toPage('Storage');
    const vault = page.getByRole('region', { name: 'The vault', exact: true });
    await pressAt(page, vault.getByRole('button', { name: 'Test', exact: true }));
    await vault.getByText('All that a vault needs works here.').waitFor();
    await typeInto(page, page.getByLabel('Days', { exact: true }), '16');
    await page.keyboard.press('Enter');
    await expect.poll(async () => await setting('retention', 'daily')).toBe(16);
    await pressAt(page, page.getByRole('button', { name: 'Add passphrase' }));
    const dialog = page.getByRole('dialog');
    await typeInto(page, dialog.getByLabel('Passphrase', { exact: true }), 'some words here');
    await typeInto(page, dialog.getByLabel('Once more'), 'some words here');
    await page.keyboard.press('Enter');
    await page.getByRole('row', { name: /^Passphrase/u }).waitFor();
    await expect.poll(async () => await dialog.count()).toBe(0);
  });

  it('a copy is added, and removed after a question', async () => {
    const page = await toPage('Storage');
    await pressAt(page, page.getByRole('button', { name: 'Add a copy' }));
    await pressAt(page, page.getByRole('button', { name: 'Choose…' }));
    const chooser = page.getByRole('dialog');
    await chooser.getByRole('button', { name: 'Cancel' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(async () => await chooser.count()).toBe(0);
    await typeInto(page, page.getByLabel('Folder for the copy'), path.join(lab.rest().base, 'copy'));
    await typeInto(page, page.getByLabel('Name (if wanted)'), 'second');
    await pressAt(page, page.getByRole('button', { name: 'Add this copy' }));
    const copy = page.getByRole('region', { name: 'The copy second', exact: true });
    await copy.getByText('It has every backup.').waitFor();
    await pressAt(page, copy.getByRole('button', { name: 'Remove' }));
    // What cannot be taken back is not where the focus is.
    await expect.poll(async () => await page.locator(':focus').textContent()).toBe('Cancel');
    await pressAt(page, page.getByRole('dialog').getByRole('button', { name: 'Remove' }));
    await expect.poll(async () => await copy.count()).toBe(0);
  });

  it('the activity is narrowed down, and saved', async () => {
    const page = await toPage('Activity');
    const all = page.getByRole('radio', { name: 'All', exact: true });
    await tabTo(page, all);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.url()).toContain('severity=warning');
    await page.keyboard.press('ArrowRight');
    await page.getByText('There is no failure').waitFor();
    await expect.poll(() => page.url()).toContain('severity=error');
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      pressAt(page, page.getByRole('button', { name: 'Save support bundle' })),
    ]);
    expect(saved.suggestedFilename()).toMatch(/\.zip$/u);
  });

  it('every part of the settings is reached, and one changed in each that has a switch', async () => {
    const page = await toPage('Settings');
    await tabTo(page, page.getByRole('tab', { name: 'General' }));
    const labels = await page.getByRole('tab').allTextContents();
    for (const label of labels.slice(1)) {
      await page.keyboard.press('ArrowRight');
      await expect
        .poll(async () => await page.getByRole('tab', { selected: true }).textContent())
        .toBe(label);
      await page.getByRole('tabpanel').getByRole('heading', { level: 2 }).first().waitFor();
    }
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await pressAt(page, page.getByRole('switch', { name: 'Also when Trinity Backup starts' }), 'Space');
    const backupsPart = page.getByRole('region', { name: 'Backups', exact: true });
    await pressAt(page, backupsPart.getByRole('button', { name: 'Save', exact: true }));
    await expect.poll(async () => await setting('onStartup')).toBe(true);
  });

  it('a locked vault is opened again', async () => {
    const { application } = lab.rest();
    const { recoveryKey } = await application.run('keysNewRecoveryKey', {}, unwatched);
    const { deviceKeyFile } = application.engine.home;
    renameSync(deviceKeyFile, `${deviceKeyFile}-lost`);
    application.engine.forgetVault();
    const page = await lab.open({ isRefused: true });
    await pressAt(page, page.getByRole('main').getByRole('link', { name: 'Unlock' }));
    await page.getByRole('heading', { level: 1, name: 'Unlock' }).waitFor();
    await typeInto(page, page.getByRole('textbox', { name: 'Recovery key' }), recoveryKey);
    await page.keyboard.press('Enter');
    await page.getByText('The vault is open.', { exact: false }).waitFor();
    await pressAt(page, page.getByRole('link', { name: 'Open the overview' }));
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });
});
