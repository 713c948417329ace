import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page, Route } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { snapshotTree, type TreeSnapshot } from '../helpers/tree-snapshot.ts';

const lab = sharedBrowserLab({ isSetUp: true });
let first: TreeSnapshot = {};

function volumeOf(agent: string): string {
  return path.join(lab.rest().volumes, `agent-${agent}-workspace/_data`);
}

beforeAll(async () => {
  await lab.backUp();
  first = snapshotTree(volumeOf('one'));
  writeFileSync(path.join(volumeOf('one'), 'notes.txt'), 'the second version');
  await lab.backUp();
  await lab.backUp();
});

async function toFiles(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Restore', exact: true }).click();
  await page.getByRole('button', { name: /^Files and folders/u }).click();
}

async function restoreBack(page: Page, button: RegExp): Promise<void> {
  await page.getByRole('button', { name: 'Back where it was' }).click();
  await page.getByRole('button', { name: button }).click();
  await page.getByText(/^Restored /u).waitFor();
}

describe('files in the restore wizard', () => {
  it('are found by name in all backups, offered only where they differ, and nothing else is touched', async () => {
    const before = snapshotTree(volumeOf('one'));
    const page = await lab.open();
    await toFiles(page);
    await page.getByLabel('Name').fill('notes');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('button', { name: /agent-one-workspace.*2 versions/u }).click();
    await page.getByText('1 other holds the same').waitFor();
    const offered = page.getByRole('list', { name: 'Backups' }).getByRole('button');
    await expect.poll(async () => await offered.count()).toBe(2);
    await offered.last().click();
    await restoreBack(page, /^Restore notes\.txt from/u);
    const { 'notes.txt': notes, ...others } = snapshotTree(volumeOf('one'));
    expect(notes).toBe(first['notes.txt']);
    expect({ ...others, '': '' }).toEqual({ ...before, 'notes.txt': undefined, '': '' });
  });

  it('are chosen in the tree of a backup, some of them and no others', async () => {
    const before = snapshotTree(volumeOf('two'));
    for (const name of ['large.bin', 'notes.txt', 'gone-later.txt'])
      writeFileSync(path.join(volumeOf('two'), name), 'overwritten');
    const page = await lab.open();
    await toFiles(page);
    await page.getByRole('tab', { name: 'Look through a backup' }).click();
    await page.getByRole('treeitem', { name: /agent-two-workspace/u }).click();
    await page.getByRole('treeitem', { name: 'large.bin' }).check();
    await page.getByRole('treeitem', { name: 'notes.txt' }).check();
    await page.getByRole('button', { name: 'Go on with 2 files and folders' }).click();
    await restoreBack(page, /^Restore 2 files and folders from/u);
    const after = snapshotTree(volumeOf('two'));
    expect([after['large.bin'], after['notes.txt']]).toEqual([before['large.bin'], before['notes.txt']]);
    expect(after['gone-later.txt']).not.toBe(before['gone-later.txt']);
  });

  it('says that nothing was changed when the vault is away in the middle, and why', async () => {
    writeFileSync(path.join(volumeOf('one'), 'large.bin'), 'overwritten');
    const before = snapshotTree(volumeOf('one'));
    const page = await lab.open();
    await page.getByRole('link', { name: 'Restore', exact: true }).click();
    await page.getByRole('button', { name: /^one/u }).click();
    await page.getByRole('list', { name: 'Backups' }).getByRole('button').first().click();
    await page.getByRole('button', { name: 'Back where it was' }).click();
    const restore = page.getByRole('button', { name: /^Restore one from/u });
    await restore.waitFor();
    const packs = path.join(lab.rest().base, 'vault/packs');
    renameSync(packs, `${packs}-away`);
    try {
      await restore.click();
      await page.getByText('Nothing was changed.', { exact: true }).waitFor();
      await page.getByRole('alert').waitFor();
      await page.getByRole('list', { name: 'Steps' }).getByText('failed').waitFor();
    } finally {
      renameSync(`${packs}-away`, packs);
    }
    expect(snapshotTree(volumeOf('one'))).toEqual(before);
  });

  it('of a folder of a million are read where they are looked at: its end at once, few rows drawn', async () => {
    const page = await lab.open();
    const asked: Asked[] = [];
    await page.route('**/ipc/backups.files', async (route) => await answerOfMany(route, asked));
    await toTree(page);
    await page.getByRole('treeitem', { name: /agent-one-workspace/u }).click();
    await page.getByText('file-000000.txt').waitFor();
    await page.evaluate(countDrawnRows);
    const scroller = page.getByRole('tree').locator('..');
    for (const [share, name] of [
      [1, 'file-999999.txt'],
      [0.5, 'file-500000.txt'],
      [0, 'file-000000.txt'],
    ] as const) {
      await scroller.evaluate((element: { scrollTop: number; scrollHeight: number }, part) => {
        element.scrollTop = element.scrollHeight * part;
      }, share);
      await page.getByRole('treeitem', { name }).waitFor();
      expect(await page.getByRole('treeitem').count()).toBeLessThan(40);
    }
    const last = page.getByRole('treeitem', { name: 'file-000000.txt' });
    expect(await factsOf(last)).toEqual(['2', '1000000', '1']);
    expect(asked.length).toBeLessThanOrEqual(16);
    expect(Math.max(...asked.map(({ limit }) => limit))).toBeLessThanOrEqual(1000);
    // Three places of some thirty rows each, and what one step on the way draws: never all that was gone past.
    expect(await page.evaluate('window.drawnRows')).toBeLessThan(400);
  });

  it('of a folder of a million are gone through by keys, with what a screen reader says of them', async () => {
    const page = await lab.open();
    const asked: Asked[] = [];
    await page.route('**/ipc/backups.files', async (route) => await answerOfMany(route, asked));
    await toTree(page);
    const source = page.getByRole('treeitem', { name: /agent-one-workspace/u });
    await source.press('ArrowRight');
    await page.getByText('file-000000.txt').waitFor();
    expect(await source.getAttribute('aria-expanded')).toBe('true');
    await source.press('End');
    const focused = page.locator('[role=treeitem]:focus');
    await page.locator('[role=treeitem]:focus', { hasText: 'agent-two-workspace' }).waitFor();
    await focused.press('ArrowUp');
    await page.locator('[role=treeitem]:focus', { hasText: 'file-999999.txt' }).waitFor();
    expect(await factsOf(focused)).toEqual(['2', '1000000', '1000000']);
    await focused.press(' ');
    await page.getByRole('button', { name: 'Go on with 1 file or folder' }).waitFor();
    expect(await focused.getAttribute('aria-checked')).toBe('true');
    await focused.press('ArrowLeft');
    await page.locator('[role=treeitem]:focus', { hasText: 'agent-one-workspace' }).waitFor();
    await focused.press('ArrowLeft');
    await expect.poll(async () => await source.getAttribute('aria-expanded')).toBe('false');
    expect(await page.getByRole('treeitem').count()).toBeLessThan(10);
    expect(asked.length).toBeLessThanOrEqual(12);
  });
});

const many = 1_000_000;
type Asked = Readonly<{ offset: number; limit: number }>;

async function toTree(page: Page): Promise<void> {
  await toFiles(page);
  await page.getByRole('tab', { name: 'Look through a backup' }).click();
}

/** As they are told to those who do not see it. */
async function factsOf(row: Locator): Promise<readonly (string | null)[]> {
  const names = ['aria-level', 'aria-setsize', 'aria-posinset'];
  return await Promise.all(names.map(async (name) => await row.getAttribute(name)));
}

/** In the page: how many rows are put into it from now on. */
const countDrawnRows = `
  window.drawnRows = 0;
  new MutationObserver((records) => {
    for (const { addedNodes } of records)
      for (const node of addedNodes) if (node.role === 'treeitem') window.drawnRows += 1;
  }).observe(document.body, { childList: true, subtree: true });
`;

/** The stretch that was asked for of a folder of a million files. */
async function answerOfMany(route: Route, asked: Asked[]): Promise<void> {
  const { offset, limit } = route.request().postDataJSON() as Asked;
  asked.push({ offset, limit });
  const count = Math.max(0, Math.min(limit, many - offset));
  const files = Array.from({ length: count }, (_, index) => ({
    component: 'memory',
    volume: 'agent-one-workspace',
    path: `file-${String(offset + index).padStart(6, '0')}.txt`,
    kind: 'file',
    size: 1000,
    mode: '0644',
    uid: 0,
    gid: 0,
    mtime: '2026-01-01T00:00:00.000000000Z',
  }));
  await route.fulfill({ json: { ok: true, value: { files, total: many, from: null } } });
}
