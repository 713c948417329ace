import type { Page, Route } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contract } from '../../shared/ipc/contract.ts';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';

const lab = sharedBrowserLab({ isSetUp: true });
const total = 10_000;
const hourMs = 3_600_000;

beforeAll(async () => await lab.backUp());

/** The calendar begins with the month that it is. */
const newestMs = Date.now();

/** One an hour; every other one by hand. Ids differ where they are seen: at their beginning. */
function backupAt(index: number) {
  return {
    backupId: `${index.toString(16).padStart(4, '0')}00000000`,
    timestamp: new Date(newestMs - index * hourMs).toISOString(),
    trigger: index % 2 === 0 ? 'scheduled' : 'manual',
    note: `number ${String(index)}.`,
    components: ['memory'],
    agents: ['one'],
    files: 1,
    bytes: 1000,
    bytesAdded: 1,
    bytesStored: 1,
    durationMs: 1000,
    incomplete: false,
    warningCount: 0,
    pinned: false,
    provenSources: 0,
    damaged: false,
    sourceCount: 1,
    installId: 'i',
    trinityVersion: null,
    checksum: '0',
    state: 'live',
    trashedAt: null,
  };
}

/** In place of the engine: the page that was asked for, of no more than a call gives, and where it goes on. */
async function answerPage(route: Route, asked: number[]): Promise<void> {
  const { cursor, limit } = contract['backups.list'].input.parse(route.request().postDataJSON());
  const start = cursor === undefined ? 0 : Number(cursor);
  asked.push(start);
  const end = Math.min(start + limit, total);
  const backups = Array.from({ length: end - start }, (_, index) => backupAt(start + index));
  const next = end < total ? String(end) : null;
  await route.fulfill({ json: { ok: true, value: { backups, unreadable: [], next, from: null, total } } });
}

async function openMany(asked: number[]): Promise<Page> {
  const page = await lab.open();
  await page.route('**/ipc/backups.list', async (route) => await answerPage(route, asked));
  await page.route('**/ipc/backups.show', async (route) => {
    const shown = { productVersion: '0', install: {}, sources: [], warnings: [], notes: [], from: null };
    await route.fulfill({ json: { ok: true, value: { ...backupAt(0), ...shown } } });
  });
  return page;
}

describe('ten thousand backups', () => {
  it('are read page by page in the step When, of which few are drawn, and the oldest is at hand', async () => {
    const asked: number[] = [];
    const page = await openMany(asked);
    await page.getByRole('link', { name: 'Restore', exact: true }).click();
    await page.getByRole('button', { name: /^one/u }).click();
    const list = page.getByRole('list', { name: 'Backups' });
    const row = list.getByRole('listitem');
    await list.getByText(/number 0\./u).waitFor();
    expect(await row.first().getAttribute('aria-setsize')).toBe(String(total));
    await list.evaluate((element: { scrollTop: number; scrollHeight: number }) => {
      element.scrollTop = element.scrollHeight;
    });
    await list.getByText(/number 9999\./u).waitFor();
    expect(await row.count()).toBeLessThan(30);
    // The wizard reads all of them once, and this step those of the agent, and once more what an event made old: no page again and again.
    const pages = Array.from({ length: 10 }, (_, index) => index * 1000);
    expect([...new Set(asked)].toSorted((one, other) => one - other)).toEqual(pages);
    expect(asked.length).toBeLessThanOrEqual(4 * pages.length);
  });

  it('are narrowed to a day of the calendar', async () => {
    const page = await openMany([]);
    await page.getByRole('link', { name: 'Restore', exact: true }).click();
    await page.getByRole('button', { name: /^one/u }).click();
    const list = page.getByRole('list', { name: 'Backups' });
    await list.getByText(/number 0\./u).waitFor();
    await page
      .getByRole('button', { name: /, has backups$/u })
      .first()
      .click();
    // Days on which clocks are set have an hour more or less, and the first one may be today.
    const first = list.getByRole('listitem').first();
    await expect.poll(async () => Number(await first.getAttribute('aria-setsize'))).toBeLessThanOrEqual(25);
  });

  it('are chosen from by typing in the comparison, and few are offered at once', async () => {
    const page = await openMany([]);
    const compared: unknown[] = [];
    await page.route('**/ipc/backups.compare', async (route) => {
      compared.push(route.request().postDataJSON());
      const counts = { added: 0, removed: 0, changed: 0, metadata: 0 };
      const value = { counts, rows: [], total: 0, listed: 0, isCut: false, from: null };
      await route.fulfill({ json: { ok: true, value } });
    });
    await page.getByRole('link', { name: 'History', exact: true }).click();
    await page.evaluate('location.hash = "#/history?view=compare"');
    const first = page.getByRole('combobox', { name: 'From' });
    await first.click();
    const options = page.getByRole('option').filter({ visible: true });
    await options.first().waitFor();
    expect(await options.count()).toBeLessThanOrEqual(100);
    const oldest = backupAt(total - 1).backupId;
    await first.fill(oldest.slice(0, 8));
    await expect.poll(async () => await options.count()).toBe(1);
    await options.first().click();
    await expect
      .poll(() => compared.at(-1))
      .toMatchObject({ firstId: oldest, secondId: backupAt(0).backupId });
  });
});

describe('a comparison of a hundred thousand differences', () => {
  const differences = 100_000;

  /** A folder above all of them, and the stretch of them that was asked for. */
  function rowAt(index: number) {
    const source = { component: 'memory', volume: 'agent-one-workspace' };
    if (index === 0)
      return {
        kind: 'group',
        number: 0,
        ...source,
        folder: 'big',
        count: differences,
        grown: 0,
        isClosed: false,
      };
    const path = `big/file-${String(index)}.txt`;
    const after = {
      ...source,
      path,
      kind: 'file',
      size: 1,
      mode: '0644',
      uid: 0,
      gid: 0,
      mtime: '2026-01-01',
    };
    return { kind: 'file', entry: { change: 'added', ...source, path, after } };
  }

  it('is read where it is looked at, and few rows are drawn', async () => {
    const page = await openMany([]);
    const asked: number[] = [];
    await page.route('**/ipc/backups.compare', async (route) => {
      const { offset, limit } = contract['backups.compare'].input.parse(route.request().postDataJSON());
      asked.push(offset);
      const count = Math.max(0, Math.min(limit, differences + 1 - offset));
      const counts = { added: differences, removed: 0, changed: 0, metadata: 0 };
      const rows = Array.from({ length: count }, (_, index) => rowAt(offset + index));
      const about = { counts, listed: differences, isCut: false, from: null };
      await route.fulfill({ json: { ok: true, value: { rows, total: differences + 1, ...about } } });
    });
    await page.getByRole('link', { name: 'History', exact: true }).click();
    await page.evaluate('location.hash = "#/history?view=compare"');
    const grid = page.getByRole('grid', { name: 'Differences' });
    await grid.getByRole('row', { name: /file-1\.txt/u }).waitFor();
    expect(await grid.getAttribute('aria-rowcount')).toBe(String(differences + 2));
    await grid.evaluate((element: { scrollTop: number; scrollHeight: number }) => {
      element.scrollTop = element.scrollHeight;
    });
    await grid.getByRole('row', { name: /file-100000\.txt/u }).waitFor();
    expect(await grid.getByRole('row').count()).toBeLessThan(60);
    expect([...new Set(asked)].every((offset) => offset === 0 || offset >= differences - 100)).toBe(true);
    expect(asked.length).toBeLessThanOrEqual(8);
  });
});
