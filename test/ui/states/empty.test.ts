import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { expectAccessible } from '../../helpers/accessible.ts';
import { sharedBrowserLab } from '../../helpers/browser-lab.ts';
import { unwatched } from '../../helpers/tiny-engine.ts';

const lab = sharedBrowserLab({ isSetUp: true });

async function toPage(page: Page, address: string, says: string): Promise<void> {
  await page.evaluate(`location.hash = "#/${address}"`);
  await page.getByRole('main').getByText(says, { exact: true }).waitFor();
  await expectAccessible(page, address);
}

async function backups(): Promise<number> {
  return (await lab.rest().application.run('list', { trashed: false }, unwatched)).backups.length;
}

describe('pages that have nothing to show yet', () => {
  it('say so before the first backup, and make it', async () => {
    const page = await lab.open({ width: 900, height: 600 });
    await toPage(page, 'restore', 'There is no backup yet');
    await page.getByRole('link', { name: 'Show the overview' }).waitFor();
    await toPage(page, 'history?view=find&name=notes', 'There is no backup yet');
    await page.getByRole('button', { name: 'Back up now' }).waitFor();
    await toPage(page, 'history?trash=yes', 'The trash is empty');
    await toPage(page, 'history', 'Nothing was backed up yet');
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.getByRole('row', { name: /Everything, 2 agents/u }).waitFor();
    expect(await backups()).toBe(1);
  });

  it('say that a comparison takes two backups, make the second, and say that nothing differs', async () => {
    if ((await backups()) === 0) await lab.backUp();
    const page = await lab.open();
    await toPage(page, 'history?view=compare', 'It takes two backups.');
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.getByText(/^Owner, mode, time \d/u).waitFor();
    expect(await backups()).toBe(2);
    await page.getByText('All content is the same', { exact: true }).waitFor();
    await page.route('**/ipc/backups.compare', async (route) => {
      const { value } = (await (await route.fetch()).json()) as { value: object };
      const counts = { added: 0, removed: 0, changed: 0, metadata: 0 };
      await route.fulfill({ json: { ok: true, value: { ...value, counts } } });
    });
    await page.reload();
    await page.getByText('Nothing differs', { exact: true }).waitFor();
    await page.getByText('Both backups hold the same, byte for byte.').waitFor();
    await expectAccessible(page, 'nothing differs');
  });

  it('say that no backup holds what is asked for, and leave the way to ask for something else', async () => {
    if ((await backups()) === 0) await lab.backUp();
    const page = await lab.open();
    await toPage(page, 'history?view=find&name=nowhere.txt', 'No backup holds such a file');
    await page.getByLabel('Name').fill('notes');
    await page.getByRole('button', { name: 'Find' }).click();
    await page
      .getByRole('row', { name: /^notes\.txt/u })
      .first()
      .waitFor();
    await toPage(page, 'restore?agent=nobody', 'No backup holds nobody');
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await page.getByRole('button', { name: 'Files and folders' }).click();
    await page.getByLabel('Name').fill('nowhere.txt');
    await page.keyboard.press('Enter');
    await page.getByText('No backup holds nowhere.txt', { exact: true }).waitFor();
    await expectAccessible(page, 'search of the wizard');
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await page.getByLabel('Search agents').fill('nobody');
    await page.getByText('No backup holds an agent of this name.').waitFor();
    await page.getByLabel('Search agents').fill('ON');
    await page.getByRole('button', { name: /^one/u }).waitFor();
  });

  it('say that there is no agent, and do not say so where that is not known', async () => {
    const page = await lab.open();
    let problems: readonly string[] = [];
    await page.route('**/ipc/agents.list', async (route) => {
      const value = { agents: [], ownerless: [], problems, vault: 'open' };
      await route.fulfill({ json: { ok: true, value } });
    });
    await toPage(page, 'agents', 'There is no agent yet');
    problems = ['Docker does not answer.'];
    await page.reload();
    await toPage(page, 'agents', 'No agent is known just now');
    expect(await page.getByText('There is no agent yet').count()).toBe(0);
    problems = [];
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('There is no agent yet').waitFor();
  });
});
