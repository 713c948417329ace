import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedBrowserLab } from '../../helpers/browser-lab.ts';
import { goToRow, pressAt, tabTo, typeInto } from '../../helpers/keyboard.ts';

const lab = sharedBrowserLab({ isSetUp: true });

function notes(): string {
  return path.join(lab.rest().volumes, 'agent-one-workspace/_data/notes.txt');
}

beforeAll(async () => {
  await lab.backUp();
  writeFileSync(notes(), 'notes of one, and more');
  writeFileSync(path.join(path.dirname(notes()), 'fresh.txt'), 'new');
  await lab.backUp();
});

/** Opens a choice, and takes the one at this place of it. */
async function chooseOption(page: Page, name: string, at: number): Promise<void> {
  const options = page.getByRole('option').filter({ visible: true });
  // Those of the choice before are some moments yet in going.
  await expect.poll(async () => await options.count()).toBe(0);
  await tabTo(page, page.getByRole('combobox', { name }));
  await page.keyboard.press('ArrowDown');
  await options.nth(at).waitFor();
  const marked = async (): Promise<number> => {
    const marks = options.evaluateAll(
      (all: readonly Readonly<{ matches: (selector: string) => boolean }>[]) =>
        all.map((option) => option.matches('[data-combobox-selected]')),
    );
    return (await marks).indexOf(true);
  };
  await expect
    .poll(async () => {
      const before = await marked();
      if (before === at) return at;
      await page.keyboard.press('ArrowDown');
      await expect.poll(marked).not.toBe(before);
      return await marked();
    })
    .toBe(at);
  await page.keyboard.press('Enter');
}

describe('files by keyboard alone', () => {
  it('are compared between two backups, looked at, and followed over all of them', async () => {
    const page = await lab.open();
    await pressAt(page, page.getByRole('link', { name: 'History', exact: true }));
    const history = page.getByRole('grid', { name: 'Backups and failed runs' });
    await goToRow(page, history, history.getByRole('row', { name: /Everything, 2 agents/u }).first());
    await page.keyboard.press('Enter');
    await pressAt(page, page.getByRole('dialog').getByRole('button', { name: 'Compare with…' }));
    const grid = page.getByRole('grid', { name: 'Differences' });
    const group = grid.getByRole('row', { name: /^Open one/u });
    await goToRow(page, grid, group);
    await page.keyboard.press('Enter');
    await grid.getByRole('row', { name: /^Closed one/u }).waitFor();
    await expect.poll(async () => await grid.getByRole('row', { name: /fresh\.txt/u }).count()).toBe(0);
    await page.keyboard.press('Enter');
    await goToRow(page, grid, grid.getByRole('row', { name: /fresh\.txt Added/u }));
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('Not there').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(async () => await page.getByRole('dialog').count()).toBe(0);
    // The kinds are one stop of the Tab key, with arrows between them.
    await tabTo(page, page.getByRole('radio', { name: /^All \d/u }));
    await page.keyboard.press('ArrowRight');
    await page.getByRole('radio', { name: /^Added \d/u, checked: true }).waitFor({ state: 'attached' });
    await expect.poll(async () => await grid.getByRole('row', { name: /notes\.txt/u }).count()).toBe(0);
    await typeInto(page, page.getByLabel('Part of a path'), 'fresh');
    await goToRow(page, grid, grid.getByRole('row', { name: /fresh\.txt Added/u }));
    await page.keyboard.press('Enter');
    await pressAt(page, page.getByRole('dialog').getByRole('link', { name: 'All versions…' }));
    await page.getByRole('heading', { level: 1, name: 'Find a file' }).waitFor();
    const versions = page.getByRole('dialog').getByRole('listitem');
    await expect.poll(async () => await versions.count()).toBe(1);
  });

  it('another backup is chosen to compare with', async () => {
    const page = await lab.open();
    await pressAt(page, page.getByRole('link', { name: 'History', exact: true }));
    await page.evaluate('location.hash = "#/history?view=compare"');
    const grid = page.getByRole('grid', { name: 'Differences' });
    await grid.getByRole('row', { name: /fresh\.txt Added/u }).waitFor();
    // The newest on both sides, then the oldest after it.
    await chooseOption(page, 'From', 0);
    await page.getByText('Choose two different backups.').waitFor();
    await chooseOption(page, 'To', 1);
    await grid.getByRole('row', { name: /fresh\.txt Removed/u }).waitFor();
  });

  it('are found by their name in the history, up to the plan of a version', async () => {
    const page = await lab.open();
    await pressAt(page, page.getByRole('link', { name: 'History', exact: true }));
    await pressAt(page, page.getByRole('link', { name: 'Find a file…' }));
    await typeInto(page, page.getByLabel('Name'), 'notes');
    await page.keyboard.press('Enter');
    const grid = page.getByRole('grid', { name: 'Files that were found' });
    await goToRow(page, grid, grid.getByRole('row', { name: /^notes\.txt agent-one-workspace/u }));
    await page.keyboard.press('Enter');
    const versions = page.getByRole('dialog').getByRole('listitem');
    await expect.poll(async () => await versions.count()).toBe(2);
    await pressAt(page, versions.last().getByRole('link', { name: 'Restore…' }));
    await page.getByRole('heading', { level: 1, name: 'Restore' }).waitFor();
    await pressAt(page, page.getByRole('button', { name: 'Back where it was' }));
    await page.getByRole('button', { name: /^Restore notes\.txt from/u }).waitFor();
  });

  it('are searched in the wizard, shown in the backups in which they differ, and restored', async () => {
    const page = await lab.open();
    await pressAt(page, page.getByRole('link', { name: 'Restore', exact: true }));
    await pressAt(page, page.getByRole('button', { name: 'Files and folders' }));
    await typeInto(page, page.getByLabel('Name'), 'notes');
    await page.keyboard.press('Enter');
    const found = page.getByRole('list', { name: 'Paths found' });
    await pressAt(page, found.getByRole('button', { name: /notes\.txt.*agent-one-workspace.*2 versions/u }));
    const backups = page.getByRole('list', { name: 'Backups' }).getByRole('button');
    await expect.poll(async () => await backups.count()).toBe(2);
    await pressAt(page, backups.last());
    await pressAt(page, page.getByRole('button', { name: 'Back where it was' }));
    await pressAt(page, page.getByRole('button', { name: /^Restore notes\.txt from/u }));
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    expect(readFileSync(notes(), 'utf8')).toBe('notes of one');
  });
});
