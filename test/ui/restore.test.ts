import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../helpers/accessible.ts';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { countClicks } from '../helpers/count-clicks.ts';
import { snapshotTree } from '../helpers/tree-snapshot.ts';

const lab = sharedBrowserLab({ isSetUp: true });

function volumeOf(agent: string): string {
  return path.join(lab.rest().volumes, `agent-${agent}-workspace/_data`);
}

beforeAll(async () => await lab.backUp());

async function toPlan(page: Page, agent: string): Promise<void> {
  await page.getByRole('link', { name: 'Restore', exact: true }).click();
  await page.getByRole('button', { name: new RegExp(`^${agent}`, 'u') }).click();
  await page
    .getByRole('button', { name: /By hand/u })
    .first()
    .click();
}

async function isFocused(target: Locator): Promise<boolean> {
  // Runs in the page, whose types are unknown to those of tests.
  return await target.evaluate((element: Readonly<{ matches: (selector: string) => boolean }>) =>
    element.matches(':focus'),
  );
}

describe('the restore wizard', () => {
  it('keeps nobody out at any step, and fits the smallest window', async () => {
    const page = await lab.open({ width: 900, height: 600 });
    await page.getByRole('link', { name: 'Restore', exact: true }).click();
    const two = page.getByRole('button', { name: /^two/u });
    await two.waitFor();
    await expectAccessible(page, 'what');
    await page.getByRole('button', { name: /^Files and folders/u }).click();
    await page.getByLabel('Name').fill('notes');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('list', { name: 'Paths found' }).waitFor();
    await expectAccessible(page, 'files by name');
    await page.getByRole('tab', { name: 'Look through a backup' }).click();
    await page.getByRole('treeitem', { name: /agent-two-workspace/u }).click();
    await page.getByRole('treeitem', { name: 'large.bin' }).waitFor();
    await expectAccessible(page, 'files in a tree');
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await two.click();
    const backup = page.getByRole('button', { name: /By hand/u }).first();
    await backup.waitFor();
    await expectAccessible(page, 'when');
    await backup.click();
    await page.getByLabel('Into a folder').fill('relative');
    await expectAccessible(page, 'where');
    writeFileSync(path.join(volumeOf('two'), 'notes.txt'), 'overwritten');
    await page.getByRole('button', { name: 'Back where it was' }).click();
    await page.getByRole('button', { name: /^1 file changes/u }).click();
    await page.getByRole('list', { name: 'Files that change' }).getByText('notes.txt').waitFor();
    await expectAccessible(page, 'plan');
  });

  it('brings back a destroyed agent in six clicks, touches nothing before the last, and undoes it', async () => {
    const before = snapshotTree(volumeOf('one'));
    rmSync(path.join(volumeOf('one'), 'notes.txt'));
    writeFileSync(path.join(volumeOf('one'), 'large.bin'), 'overwritten');
    const destroyed = snapshotTree(volumeOf('one'));
    const other = snapshotTree(volumeOf('two'));
    const page = await lab.open();
    const clicks = await countClicks(page);
    await toPlan(page, 'one');
    await page.getByRole('button', { name: 'Back where it was' }).click();
    const restore = page.getByRole('button', { name: /^Restore one from/u });
    await restore.waitFor();
    expect(snapshotTree(volumeOf('one'))).toEqual(destroyed);
    // What was destroyed, in words, and by name behind the number.
    await page.getByText('First, what is replaced is backed up').waitFor();
    await page.getByRole('button', { name: /^1 file changes/u }).click();
    await page.getByRole('list', { name: 'Files that change' }).getByText('large.bin').waitFor();
    await page.getByRole('button', { name: /^1 comes back/u }).click();
    await page.getByRole('list', { name: 'Files that come back' }).getByText('notes.txt').waitFor();
    const looks = 2;
    await restore.click();
    expect((await clicks()) - looks).toBeLessThanOrEqual(6);
    await page.getByText(/^Restored one\. 2 files restored and checked\./u).waitFor();
    expect(snapshotTree(volumeOf('one'))).toEqual(before);
    await page.getByText('What was there before the restore is in backup', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => existsSync(path.join(volumeOf('one'), 'notes.txt'))).toBe(false);
    await page.getByText(/^Undone: what was there before is back\./u).waitFor();
    expect(snapshotTree(volumeOf('one'))).toEqual(destroyed);
    await page.getByText('What the restore had brought is kept as backup', { exact: false }).waitFor();
    expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
    expect(snapshotTree(volumeOf('two'))).toEqual(other);
  });

  it('writes plain files beside what is live, and can be gone back in', async () => {
    const folder = path.join(lab.rest().base, 'out');
    const page = await lab.open();
    await toPlan(page, 'two');
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await page
      .getByRole('button', { name: /By hand/u })
      .first()
      .click();
    await page.getByLabel('Into a folder').fill('relative');
    expect(await page.getByRole('button', { name: 'Use this folder' }).isDisabled()).toBe(true);
    await page.getByLabel('Into a folder').fill(folder);
    await page.getByRole('button', { name: 'Use this folder' }).click();
    await page.getByText(`Plain files are written to ${folder}`, { exact: false }).waitFor();
    expect(existsSync(folder)).toBe(false);
    await page.getByRole('button', { name: /^Restore two from/u }).click();
    await page.getByText(/^Restored two/u).waitFor();
    const notes = path.join(folder, 'memory/agent-two-workspace/notes.txt');
    expect(readFileSync(notes, 'utf8')).toBe('notes of two');
    expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
  });

  it('says before anything is written that a folder cannot be taken', async () => {
    const folder = path.join(lab.rest().base, 'taken');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'something'), '');
    const page = await lab.open();
    await toPlan(page, 'two');
    await page.getByLabel('Into a folder').fill(folder);
    await page.getByRole('button', { name: 'Use this folder' }).click();
    await page.getByRole('alert').getByText('is not an empty folder').first().waitFor();
    expect(await page.getByRole('button', { name: /^Restore two from/u }).count()).toBe(0);
    expect(readdirSync(folder)).toEqual(['something']);
  });

  it('makes a new agent of one, under a name that is checked as it is typed', async () => {
    const { volumes } = lab.rest();
    const copy = path.join(volumes, 'agent-one.2-workspace/_data');
    const before = snapshotTree(volumeOf('one'));
    const page = await lab.open();
    await toPlan(page, 'one');
    const name = page.getByLabel('Under another name');
    const use = page.getByRole('button', { name: 'Use this name' });
    expect(await use.isDisabled()).toBe(true);
    await name.fill('Second One');
    await page.getByText('Use small letters, digits and single hyphens').waitFor();
    await name.fill('two');
    await page.getByText('Trinity has an agent two already. Choose another name.').waitFor();
    expect(await use.isDisabled()).toBe(true);
    await name.fill('one.2');
    await use.click();
    await page.getByText('A new agent, one.2, is made of one').waitFor();
    expect(existsSync(copy)).toBe(false);
    await page.getByRole('button', { name: /^Restore one as one\.2 from/u }).click();
    await page.getByText(/^Restored one as one\.2\. 3 files restored and checked/u).waitFor();
    await page.getByText('Start the agent one.2 in Trinity').waitFor();
    expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
    const ofBackup = { ...snapshotTree(copy) };
    expect(Object.keys(ofBackup)).toEqual(expect.arrayContaining(['notes.txt', 'large.bin']));
    expect(snapshotTree(volumeOf('one'))).toEqual(before);
    // Now it is taken; and no more than one agent has another name.
    await page.getByRole('button', { name: 'Restore something else' }).click();
    await toPlan(page, 'one');
    await page.getByLabel('Under another name').fill('one.2');
    await page.getByText('Trinity has an agent one.2 already').waitFor();
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await page.getByRole('button', { name: /^Everything/u }).click();
    // What was chosen for the agent does not hold for something else.
    await page
      .getByRole('button', { name: /By hand/u })
      .first()
      .click();
    await page.getByLabel('Into a folder').waitFor();
    expect(await page.getByLabel('Under another name').count()).toBe(0);
  });

  it('asks only when, where the address says which agent', async () => {
    const page = await lab.open();
    await page.evaluate('location.hash = "#/restore?agent=two"');
    await page
      .getByRole('button', { name: /By hand/u })
      .first()
      .click();
    await page.getByRole('button', { name: 'Back where it was' }).click();
    await page.getByRole('button', { name: /^Restore two from/u }).waitFor();
  });

  it('is gone through by keyboard alone', async () => {
    const page = await lab.open();
    await page.getByRole('link', { name: 'Restore', exact: true }).focus();
    await page.keyboard.press('Enter');
    for (const name of [/^one/u, /By hand/u, /^Back where it was/u]) {
      const target = page.getByRole('button', { name }).first();
      await target.waitFor();
      // By tabs alone: whatever is chosen must be reached so.
      for (let tabs = 0; tabs < 40; tabs += 1) {
        if (await isFocused(target)) break;
        await page.keyboard.press('Tab');
      }
      expect(await isFocused(target)).toBe(true);
      await page.keyboard.press('Enter');
    }
    await page.getByRole('button', { name: /^Restore one from/u }).waitFor();
  });
});
