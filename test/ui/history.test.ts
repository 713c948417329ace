import { existsSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../helpers/accessible.ts';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { rejectionOf } from '../helpers/rejection.ts';
import { unwatched } from '../helpers/tiny-engine.ts';

const lab = sharedBrowserLab({ isSetUp: true });

async function toHistory(page: Page, query = ''): Promise<void> {
  await page.evaluate(`location.hash = '#/history${query}'`);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

function notes(): string {
  return path.join(lab.rest().volumes, 'agent-one-workspace/_data/notes.txt');
}

beforeAll(async () => {
  await lab.backUp();
  writeFileSync(notes(), 'notes of one, and more');
  writeFileSync(path.join(path.dirname(notes()), 'fresh.txt'), 'new');
  await lab.backUp();
  const { install, application } = lab.rest();
  renameSync(install, `${install}-away`);
  await rejectionOf(application.run('backup', {}, unwatched));
  renameSync(`${install}-away`, install);
});

describe('the history', () => {
  it('has a row for each backup and each failed run, with its cause and what mends it', async () => {
    const page = await lab.open();
    await toHistory(page);
    const grid = page.getByRole('grid', { name: 'Backups and failed runs' });
    await expect.poll(async () => await grid.getAttribute('aria-rowcount')).toBe('4');
    const failed = grid.getByRole('row', { name: /Failed/u });
    // Its cause is not cut for columns in which there is nothing.
    const cause = failed.getByRole('gridcell').last();
    expect(await cause.getAttribute('aria-colspan')).toBe('5');
    expect((await cause.boundingBox())?.width).toBeGreaterThan(500);
    await failed.click();
    const panel = page.getByRole('dialog');
    await panel.getByText(/^Failed, /u).waitFor();
    await panel.getByRole('button', { name: 'Retry' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(async () => await panel.count()).toBe(0);
    await page.getByRole('combobox', { name: 'Outcome' }).click();
    await page.getByRole('option', { name: 'Failed' }).click();
    await expect.poll(async () => await grid.getAttribute('aria-rowcount')).toBe('2');
    await toHistory(page, '?outcome=skipped');
    await page.getByText('Nothing fits').waitFor();
    await page.getByRole('link', { name: 'Show all' }).click();
    await expect.poll(async () => await grid.getAttribute('aria-rowcount')).toBe('4');
  });

  it('shows a backup whole, and pins, verifies and deletes it, which can be undone', async () => {
    const page = await lab.open();
    await toHistory(page);
    const grid = page.getByRole('grid', { name: 'Backups and failed runs' });
    await grid
      .getByRole('row', { name: /Everything, 2 agents/u })
      .last()
      .click();
    const panel = page.getByRole('dialog');
    const checksum = panel.getByRole('button', { name: /^[0-9a-f]{8} copy the whole checksum$/u });
    expect(await checksum.getAttribute('title')).toMatch(/^[0-9a-f]{64}$/u);
    await panel.getByRole('row', { name: /^one /u }).waitFor();
    expect(await panel.getByRole('link', { name: 'Restore…' }).getAttribute('href')).toMatch(
      /^#\/restore\?backup=[0-9a-f]{12}$/u,
    );
    await panel.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: /^Pin/u }).click();
    await panel.getByText('Pinned').waitFor();
    await panel.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Verify every byte' }).click();
    await panel.getByText(/^Nothing is damaged: /u).waitFor();
    await panel.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await expect.poll(async () => await grid.getAttribute('aria-rowcount')).toBe('3');
    // What is pointed at does not go by itself.
    await page.getByText('In the trash for 7 days.').hover();
    await page.getByRole('switch', { name: 'Trash' }).press('Space');
    const trash = page.getByRole('grid', { name: 'Deleted backups' });
    await trash.getByRole('row', { name: /6$/u }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('The trash is empty').waitFor();
    await page.getByRole('switch', { name: 'Trash' }).click();
    await expect.poll(async () => await grid.getAttribute('aria-rowcount')).toBe('4');
  });

  it('rehearses a backup, with one way to cancel that, and says what is proven', async () => {
    const page = await lab.open();
    await toHistory(page);
    await page
      .getByRole('row', { name: /Everything, 2 agents/u })
      .first()
      .click();
    const panel = page.getByRole('dialog');
    let isOver = false;
    // Here it takes no time: its end is kept back until it was looked at.
    await page.route('**/ipc/tasks.get', async (route) => {
      const answer = await route.fetch();
      const { value } = (await answer.json()) as { value: object };
      const on = { ...value, state: 'running', finishedAt: null, result: null };
      await route.fulfill({ json: { ok: true, value: isOver ? value : on } });
    });
    await panel.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: /^Rehearse a restore/u }).click();
    await panel.getByText(/^Rehearsing a restore/u).waitFor();
    const cancel = page.getByRole('button', { name: /^Cancel/u });
    await cancel.first().waitFor();
    expect(await cancel.count()).toBe(1);
    await expectAccessible(page, 'rehearsing');
    isOver = true;
    await panel.getByText(/^\d+ sources proven to restore\.$/u).waitFor();
    await panel.getByText(/restored in a rehearsal$/u).waitFor();
  });

  it('is used by keyboard alone, and gives the focus back', async () => {
    const page = await lab.open();
    await page.getByRole('link', { name: 'History', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page
      .getByRole('row', { name: /Everything, 2 agents/u })
      .first()
      .waitFor();
    const focused = page.locator(':focus');
    for (let tabs = 0; tabs < 30; tabs += 1) {
      if ((await focused.getAttribute('role')) === 'row') break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('ArrowDown');
    await expect.poll(async () => await focused.getAttribute('aria-rowindex')).toBe('3');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('link', { name: 'Restore…' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(async () => await page.getByRole('dialog').count()).toBe(0);
    await expect.poll(async () => await focused.getAttribute('aria-rowindex')).toBe('3');
  });

  it('exports an agent as an archive', async () => {
    const page = await lab.open();
    await toHistory(page);
    await page
      .getByRole('row', { name: /Everything, 2 agents/u })
      .first()
      .click();
    const panel = page.getByRole('dialog');
    await panel.getByRole('button', { name: 'Export…' }).click();
    const output = path.join(lab.rest().base, 'one.zip');
    await panel.getByLabel('Into the file').fill('one.rar');
    expect(await panel.getByRole('button', { name: 'Export', exact: true }).isDisabled()).toBe(true);
    await panel.getByLabel('Into the file').fill(output);
    await panel.getByRole('button', { name: 'Export', exact: true }).click();
    await panel.getByText(`${output} is written`, { exact: false }).waitFor();
    expect(existsSync(output)).toBe(true);
  });

  it('compares two backups by agent and folder', async () => {
    const page = await lab.open();
    await toHistory(page);
    await page
      .getByRole('row', { name: /Everything, 2 agents/u })
      .first()
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Compare with…' }).click();
    const grid = page.getByRole('grid', { name: 'Differences' });
    await grid.getByRole('row', { name: /^Open one/u }).waitFor();
    await grid.getByRole('row', { name: /notes\.txt Changed 12 B 22 B \+10 B/u }).waitFor();
    await grid.getByRole('row', { name: /fresh\.txt Added/u }).press('Enter');
    const file = page.getByRole('dialog');
    await file.getByText('Not there').waitFor();
    await file.getByText(/^3 B, changed \d{4}-/u).waitFor();
    const versions = file.getByRole('link', { name: 'All versions…' });
    expect(await versions.getAttribute('href')).toMatch(/view=find&name=fresh\.txt&path=memory%2F/u);
    await page.keyboard.press('Escape');
    await expect.poll(async () => await file.count()).toBe(0);
    await grid.getByRole('row', { name: /^Open one/u }).press('Enter');
    await grid.getByRole('row', { name: /^Closed one/u }).waitFor();
    expect(await grid.getByRole('row', { name: /fresh\.txt/u }).count()).toBe(0);
    await page.getByText(/^Removed /u).click();
    await page.getByText('Nothing fits').waitFor();
  });

  it('compares with a backup however far down the list it is', async () => {
    const page = await lab.open();
    await page.route('**/ipc/backups.list', async (route) => {
      const answer = await route.fetch({
        postData: JSON.stringify({ ...(route.request().postDataJSON() as object), limit: 1 }),
      });
      await route.fulfill({ response: answer });
    });
    await toHistory(page, '?view=compare');
    await page
      .getByRole('grid', { name: 'Differences' })
      .getByRole('row', { name: /fresh\.txt Added/u })
      .waitFor();
  });

  it('finds a file by its name, and leads from a version to its restore and to what changed', async () => {
    const page = await lab.open();
    await toHistory(page);
    await page.getByRole('link', { name: 'Find a file…' }).click();
    await page.getByLabel('Name').fill('notes');
    await page.keyboard.press('Enter');
    const grid = page.getByRole('grid', { name: 'Files that were found' });
    await grid.getByRole('row', { name: /^notes\.txt agent-one-workspace 2 22 B/u }).click();
    const versions = page.getByRole('dialog').getByRole('listitem');
    await expect.poll(async () => await versions.count()).toBe(2);
    const restore = await versions.last().getByRole('link', { name: 'Restore…' }).getAttribute('href');
    expect(restore).toMatch(
      /^#\/restore\?backup=[0-9a-f]{12}&component=memory&volume=agent-one-workspace&path=notes\.txt$/u,
    );
    await versions.first().getByRole('link', { name: 'Compare with the one before' }).click();
    const differences = page.getByRole('grid', { name: 'Differences' });
    await differences.getByRole('row', { name: /notes\.txt Changed/u }).waitFor();
    expect(await differences.getByRole('row', { name: /fresh\.txt/u }).count()).toBe(0);
    // The wizard begins where the address leaves off.
    await page.evaluate(`location.hash = ${JSON.stringify(restore)}`);
    await page.getByRole('button', { name: 'Back where it was' }).click();
    await page.getByRole('button', { name: /^Restore notes\.txt from/u }).waitFor();
  });
});

describe('the history where not all is well', () => {
  it('says that the vault is away, and that backups open again with it', async () => {
    const page = await lab.open();
    await page.route('**/ipc/history.timeline', async (route) => {
      const response = await route.fetch();
      const { value } = (await response.json()) as { value: object };
      const source = { state: 'away', copy: null, message: 'The disk is not there.' };
      await route.fulfill({ json: { ok: true, value: { ...value, source } } });
    });
    await toHistory(page);
    await page
      .getByRole('status')
      .filter({ hasText: 'The disk is not there. What this computer remembers' })
      .waitFor();
  });

  it('keeps nobody out of panel, comparison and search', async () => {
    const page = await lab.open({ width: 900, height: 600 });
    await toHistory(page);
    await page
      .getByRole('row', { name: /Everything, 2 agents/u })
      .first()
      .click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /the whole checksum$/u })
      .waitFor();
    await expectAccessible(page, 'panel');
    await toHistory(page, '?view=compare');
    await page.getByRole('grid', { name: 'Differences' }).waitFor();
    await expectAccessible(page, 'comparison');
    await toHistory(page, '?view=find&name=notes');
    await page.getByRole('grid', { name: 'Files that were found' }).waitFor();
    await expectAccessible(page, 'search');
  });

  it('says why it could not be read, and reads it when asked again', async () => {
    const page = await lab.open();
    let isBroken = true;
    await page.route('**/ipc/history.timeline', async (route) => {
      const error = { kind: 'failed', message: 'The disk does not answer.', details: {} };
      await (isBroken ? route.fulfill({ json: { ok: false, error } }) : route.continue());
    });
    await toHistory(page);
    await page.getByRole('alert').getByText('The disk does not answer.', { exact: true }).waitFor();
    isBroken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('grid').waitFor();
  });
});

describe('a history of ten thousand backups', () => {
  const total = 10_000;

  /** In place of the engine: which row is asked for is all that counts. */
  async function openLong(asked: number[]): Promise<Page> {
    const page = await lab.open();
    await page.route('**/ipc/history.timeline', async (route) => {
      const { offset, limit } = route.request().postDataJSON() as { offset: number; limit: number };
      // As the call itself refuses it.
      if (limit > 1000) throw new Error('a page is too long');
      asked.push(offset);
      const count = Math.max(0, Math.min(limit, total - offset));
      const rows = Array.from({ length: count }, (_, index) => rowOf(offset + index));
      const value = { rows, total, components: [], agents: [], unreadable: [], source: open };
      await route.fulfill({ json: { ok: true, value } });
    });
    await toHistory(page);
    return page;
  }

  const open = { state: 'open', copy: null, message: null };

  function rowOf(index: number) {
    return {
      key: index.toString(16).padStart(12, '0'),
      backupId: index.toString(16).padStart(12, '0'),
      atMs: 1_700_000_000_000 - index * 3_600_000,
      durationMs: 1000,
      operation: 'backup',
      trigger: 'scheduled',
      outcome: 'succeeded',
      runId: null,
      components: ['files'],
      agents: [],
      files: 1,
      bytes: 1000,
      bytesAdded: 1,
      warningCount: 0,
      provenSources: 0,
      damaged: false,
      sourceCount: 1,
      pinned: false,
      note: `number ${String(index)}`,
      isForeign: false,
      message: null,
      isOver: true,
      action: null,
      trashedAtMs: null,
      deadlineMs: null,
    };
  }

  it('is gone through by keyboard alone, and reads and draws only what is in sight', async () => {
    const asked: number[] = [];
    const page = await openLong(asked);
    const grid = page.getByRole('grid');
    await expect.poll(async () => await grid.getAttribute('aria-rowcount')).toBe('10001');
    const focused = page.locator(':focus');
    await grid.getByRole('row', { name: /number 0 /u }).focus();
    const keys: readonly (readonly [string, number])[] = [
      ['End', total - 1],
      ['ArrowUp', total - 2],
      ['Home', 0],
      ['ArrowDown', 1],
      ['ArrowDown', 2],
    ];
    for (const [key, index] of keys) {
      await page.keyboard.press(key);
      await expect.poll(async () => await focused.getAttribute('aria-rowindex')).toBe(String(index + 2));
      await expect.poll(async () => await focused.textContent()).toContain(`number ${String(index)}`);
      expect(await grid.getByRole('row').count()).toBeLessThan(60);
    }
    await page.keyboard.press('PageDown');
    await expect.poll(async () => Number(await focused.getAttribute('aria-rowindex'))).toBeGreaterThan(8);
    expect([...new Set(asked)].toSorted((one, other) => one - other)).toEqual([0, 9900]);
  });

  it('keeps its head in sight, and reads what is scrolled to', async () => {
    const asked: number[] = [];
    const page = await openLong(asked);
    const grid = page.getByRole('grid');
    await grid.getByRole('row', { name: /number 0 /u }).waitFor();
    const head = page.getByRole('columnheader', { name: 'Time' });
    const before = await head.boundingBox();
    await grid.evaluate((element: { scrollTop: number; scrollHeight: number }) => {
      element.scrollTop = element.scrollHeight / 2;
    });
    await grid
      .getByText(/number 50\d\d$/u)
      .first()
      .waitFor();
    expect(await head.boundingBox()).toEqual(before);
    expect(asked.every((offset) => offset === 0 || Math.abs(offset - 5000) <= 100)).toBe(true);
  });
});
