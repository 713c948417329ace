import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Look, sharedBrowserLab } from '../helpers/browser-lab.ts';
import { fakeS3Place } from '../helpers/s3-storage.ts';

const lab = sharedBrowserLab({ isSetUp: true });
const options = { signal: new AbortController().signal, onProgress: () => undefined };
const notes = () => path.join(lab.rest().volumes, 'agent-one-workspace/_data/notes.txt');

beforeAll(async () => {
  await lab.backUp();
  writeFileSync(notes(), 'later notes');
  await lab.backUp();
});

async function openStorage(look: Look = {}): Promise<Page> {
  const page = await lab.open(look);
  await page.getByRole('link', { name: 'Storage', exact: true }).click();
  return page;
}

function section(page: Page, name: string) {
  return page.getByRole('region', { name, exact: true });
}

describe('the storage page', () => {
  it('tells what lies in the vault, tests it, and reads all of it', async () => {
    const page = await openStorage();
    const vault = section(page, 'The vault');
    await vault.getByText(/^2 backups, /u).waitFor();
    await vault.getByText('Not yet').waitFor();
    await page.getByText('All backups are on the disk that is backed up', { exact: false }).waitFor();
    await vault.getByRole('button', { name: 'Test', exact: true }).click();
    await vault.getByText('All that a vault needs works here.').waitFor();
    await vault.getByRole('button', { name: 'Verify now' }).click();
    await vault.getByText(/^Nothing is damaged: .+ of stored data were read, and /u).waitFor();
    await vault.getByText('just now').waitFor();
  });

  it('tells what rules would let go before they are saved, and what would be lost with it', async () => {
    const page = await openStorage();
    const rules = section(page, 'How long backups are kept');
    await rules.getByText('Today nothing would go: 2 backups would stay.').waitFor();
    await rules.getByLabel('Newest backups').fill('0');
    await rules.getByText('Choose 1 to 1,000 backups.').waitFor();
    for (const label of ['Days', 'Weeks', 'Months']) await rules.getByLabel(label, { exact: true }).fill('0');
    await rules.getByLabel('Newest backups').fill('1');
    await rules
      .getByText(
        /^With these rules, today 1 backup would go to the trash, which frees .*, and 1 would stay\.$/u,
      )
      .waitFor();
    await rules.getByRole('button', { name: /^Files whose last copy/u }).click();
    await rules.getByText('agent-one-workspace: notes.txt').waitFor();
    const { manifests } = await (await lab.rest().application.engine.vault()).listManifests();
    expect(manifests.filter(({ state }) => state === 'live')).toHaveLength(2);
    await rules.getByRole('button', { name: 'Discard' }).click();
    await rules.getByText('Today nothing would go: 2 backups would stay.').waitFor();
    await rules.getByLabel('Days', { exact: true }).fill('15');
    await rules.getByRole('button', { name: 'Save', exact: true }).click();
    await expect
      .poll(
        async () =>
          await lab.rest().application.run('settingsGet', { path: ['retention', 'daily'] }, options),
      )
      .toBe(15);
  });

  it('shows in steps what thousands of backups would go by new rules', async () => {
    const page = await lab.open();
    const pruned = Array.from({ length: 3000 }, (_, index) => ({
      backupId: index.toString(16).padStart(12, '0'),
      timestamp: '2026-01-01T00:00:00.000Z',
      bytesStored: 1,
      bytesFreed: 1,
    }));
    await page.route('**/ipc/retention.preview', async (route) => {
      const value = { dryRun: true, pruned, kept: 7000, offered: [], waiting: [], bytesFreed: 3000 };
      await route.fulfill({ json: { ok: true, value } });
    });
    await page.getByRole('link', { name: 'Storage', exact: true }).click();
    const rules = section(page, 'How long backups are kept');
    await rules.getByText(/3,000 backups would go to the trash, .* and 7,000 would stay\.$/u).waitFor();
    const buttons = rules.getByRole('button', { name: /^Files whose last copy/u });
    expect(await buttons.count()).toBe(20);
    await rules.getByRole('button', { name: 'Show 200 more' }).click();
    await expect.poll(async () => await buttons.count()).toBe(220);
  });

  it('adds a copy in a folder, which is written at once, and removes it', async () => {
    const page = await openStorage();
    await page.getByRole('button', { name: 'Add a copy' }).click();
    await page.getByLabel('Folder for the copy').fill(path.join(lab.rest().base, 'copy'));
    await page.getByLabel('Name (if wanted)').fill('Not Good');
    await page.getByText('Use up to 32 small letters, digits and dashes.').waitFor();
    await page.getByLabel('Name (if wanted)').fill('second');
    await page.getByRole('button', { name: 'Add this copy' }).click();
    const copy = section(page, 'The copy second');
    await copy.getByText('It has every backup.').waitFor();
    await copy.getByText(/^2 backups, /u).waitFor();
    await copy.getByRole('button', { name: 'Verify now' }).click();
    await copy.getByText('Nothing is damaged', { exact: false }).waitFor();
    await copy.getByRole('switch', { name: /^Required:/u }).click();
    await expect
      .poll(
        async () =>
          await lab
            .rest()
            .application.run('settingsGet', { path: ['copies', 'second', 'required'] }, options),
      )
      .toBe(false);
    await copy.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await expect.poll(() => copy.count()).toBe(0);
    expect(existsSync(path.join(lab.rest().base, 'copy/vault.json'))).toBe(true);
  });

  it('names the right that is missing for a bucket, then adds it', async () => {
    const s3 = await fakeS3Place();
    const page = await openStorage();
    await page.getByRole('button', { name: 'Add a copy' }).click();
    await page.getByText('S3 bucket').click();
    const test = page.getByRole('button', { name: 'Test connection' });
    expect(await test.isDisabled()).toBe(true);
    await page.getByLabel('Bucket', { exact: true }).fill('bucket');
    await page.getByLabel('Folder in the bucket (if wanted)').fill('trinity');
    await page.getByLabel(/^Address/u).fill('somewhere');
    await page.getByText('Write it as https://s3.example.com', { exact: false }).waitFor();
    await page.getByLabel(/^Address/u).fill(s3.server.endpoint);
    await page.getByLabel('Access key').fill('key');
    await page.getByLabel('Secret key', { exact: true }).fill('secret');
    s3.store.options.denies = ({ key, query }) => key === undefined && !query.has('uploads');
    await test.click();
    await page
      .getByText('List does not work. Give the credentials the right to list the bucket (s3:ListBucket).', {
        exact: false,
      })
      .waitFor();
    s3.store.options.denies = () => false;
    await test.click();
    await page.getByText('All that a vault needs works here.').waitFor();
    await page.getByRole('button', { name: 'Add this copy' }).click();
    await section(page, 'The copy bucket').getByText('It has every backup.').waitFor();
    expect(readFileSync(lab.rest().application.engine.home.settingsFile, 'utf8')).not.toContain('secret"');
    await lab.rest().application.run('copiesRemove', { name: 'bucket' }, options);
  });

  it('adds a passphrase and a sheet, and removes what is not the last', async () => {
    const page = await openStorage();
    const keys = section(page, 'Keys');
    await keys.getByText('The last one for other computers').waitFor();
    await keys.getByRole('button', { name: 'Add passphrase' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Passphrase', { exact: true }).fill('some words here');
    await dialog.getByLabel('Once more').fill('some words here');
    await dialog.getByRole('button', { name: 'Add passphrase' }).click();
    const row = keys.getByRole('row', { name: /^Passphrase/u });
    await row.waitFor();
    await keys.getByRole('button', { name: 'Recovery kit' }).click();
    await dialog.getByRole('button', { name: 'Make a sheet' }).click();
    await dialog.getByText('Trinity Backup recovery kit').waitFor();
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByRole('heading', { level: 1, name: 'Storage' }).isVisible()).toBe(false);
    const sheet = page.getByText('With this sheet and the vault', { exact: false }).filter({ visible: true });
    expect(await sheet.count()).toBe(1);
    await page.emulateMedia({ media: 'screen' });
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => keys.getByRole('row', { name: /^Recovery key/u }).count()).toBe(2);
    await row.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await row.waitFor({ state: 'detached' });
  });

  it('says when the place of the vault is away, and looks again', async () => {
    const page = await openStorage({ isRefused: true });
    const vault = section(page, 'The vault');
    await vault.getByText(/^2 backups, /u).waitFor();
    const folder = path.join(lab.rest().base, 'vault');
    renameSync(folder, `${folder}-away`);
    let isAway = true;
    onTestFinished(() => {
      if (isAway) renameSync(`${folder}-away`, folder);
    });
    await vault.getByRole('button', { name: 'Test', exact: true }).click();
    await vault.getByText('does not work', { exact: false }).first().waitFor();
    renameSync(`${folder}-away`, folder);
    isAway = false;
    await vault.getByRole('button', { name: 'Test', exact: true }).click();
    await vault.getByText('All that a vault needs works here.').waitFor();
  });

  it('lets go of most backups by rules that are saved, once somebody says so', async () => {
    await lab.backUp();
    const { application } = lab.rest();
    const rules = { newest: 1, daily: 0, weekly: 0, monthly: 0, maxAgeDays: 365 };
    await application.run('settingsSet', { path: ['retention'], value: rules }, options);
    const page = await openStorage();
    const kept = section(page, 'How long backups are kept');
    await kept.getByText(/^Today 2 backups would go to the trash/u).waitFor();
    await kept.getByRole('button', { name: 'Let them go' }).click();
    const dialog = page.getByRole('dialog', { name: 'Let 2 backups go?' });
    await dialog.getByText('They go to the trash.', { exact: false }).waitFor();
    await dialog.getByRole('button', { name: 'Let them go' }).click();
    await kept.getByText('Today nothing would go: 1 backup would stay.').waitFor();
    expect(await kept.getByRole('button', { name: 'Let them go' }).count()).toBe(0);
  });
});
