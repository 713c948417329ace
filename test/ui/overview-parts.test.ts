import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { expectAccessible } from '../helpers/accessible.ts';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { unwatched } from '../helpers/tiny-engine.ts';

const lab = sharedBrowserLab({ isSetUp: true });

beforeAll(async () => {
  await lab.backUp();
  await lab.rest().application.run('drill', {}, unwatched);
  await lab.backUp();
});

/** What the engine answers, changed on its way: what is hard to bring about is looked at too. */
async function answering(page: Page, call: string, change: (value: object) => unknown): Promise<void> {
  await page.route(`**/ipc/${call}`, async (route) => {
    const response = await route.fetch();
    const { value } = (await response.json()) as { value: object };
    await route.fulfill({ json: { ok: true, value: change(value) } });
  });
}

describe('the parts of the overview', () => {
  it('says what is kept and saved, when it was proven, and that nothing is planned', async () => {
    const page = await lab.open();
    await page.getByText(/, \d\d % saved$/u).waitFor();
    await page.getByText(/proven to restore$/u).waitFor();
    await page.getByText('Backups by the schedule are off').waitFor();
  });

  it('draws its charts from code that is loaded for them, and says the same in words and tables', async () => {
    const page = await lab.open();
    const growth = page.getByRole('region', { name: 'Vault and source', exact: true });
    await growth.getByText(/^Trinity holds .*, the vault /u).waitFor();
    await growth.locator('svg.recharts-surface').first().waitFor();
    await page.getByRole('button', { name: 'Table: Vault and source' }).click();
    const rows = growth.getByRole('row');
    await expect.poll(async () => await rows.count()).toBe(3);
    await expect.poll(async () => await rows.last().textContent()).toMatch(/\d (?:kB|MB)/u);
    await page.getByRole('button', { name: 'Table: Runs' }).click();
    const runs = page.getByRole('region', { name: 'Runs', exact: true });
    await runs.getByRole('cell', { name: '2 runs' }).waitFor();
    const saving = page.getByRole('region', { name: 'Saved by deduplication', exact: true });
    await saving
      .getByText(/^2 backups since \d{4}-\d\d-\d\d: .* if each were whole, .* stored\.$/u)
      .waitFor();
    await page.getByRole('button', { name: 'Table: Saved by deduplication' }).click();
    await saving
      .getByRole('cell', { name: /^\d+ %$/u })
      .first()
      .waitFor();
    await expectAccessible(page, 'charts and tables');
  });

  it('opens the last backup by the line of its warnings', async () => {
    const page = await lab.open();
    await answering(page, 'status.get', (value) => ({
      ...value,
      warnings: ['a.txt could not be read.', 'b'],
    }));
    await page.reload();
    await page.getByRole('link', { name: '2 warnings in the last backup' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /the whole checksum$/u })
      .waitFor();
  });

  it('leads from a state that only shows something to the backup that it is about', async () => {
    const page = await lab.open();
    const input = { page: 'backup', backupId: '0123456789ab' };
    const action = { label: 'Show', operation: 'show', input };
    await answering(page, 'status.get', (value) => ({ ...value, state: 'warnings', action }));
    await page.reload();
    const show = page.getByRole('main').getByRole('link', { name: 'Show', exact: true });
    expect(await show.getAttribute('href')).toBe('#/history?backup=0123456789ab');
  });

  it('says in words, and not by a shape alone, what is wrong with a source, and tells namesakes apart', async () => {
    const page = await lab.open();
    const source = {
      name: 'agent one',
      state: 'stale',
      sentence: 'The last backup is 3 days old.',
      severity: 'bad',
      lastBackupAt: null,
      provenAt: null,
    };
    const sources = ['memory/agent-one-workspace', 'memory/agent-uno-workspace'];
    await answering(page, 'status.get', (value) => ({
      ...value,
      sources: sources.map((text) => ({ ...source, source: text })),
    }));
    await page.reload();
    for (const text of ['agent-one-workspace', 'agent-uno-workspace']) {
      await page.getByRole('row', { name: `Agent one ${text} The last backup is 3 days old.` }).waitFor();
    }
  });

  it('does not leave what cannot be known waiting', async () => {
    const page = await lab.open();
    await page.route('**/ipc/vault.size', async (route) => {
      const error = { kind: 'unavailable', message: 'The disk is away.', details: {} };
      await route.fulfill({ json: { ok: false, error } });
    });
    const unasked = { source: 'this install', name: 'this install', provenAt: null };
    await answering(page, 'status.get', (value) => {
      const { sources } = value as { sources: readonly object[] };
      return { ...value, sources: [{ ...sources[0], ...unasked }] };
    });
    await page.reload();
    await page.getByText('The disk is away.').waitFor();
    // What is kept, and when it was proven.
    await expect.poll(async () => await page.getByText('Not known now').count()).toBe(2);
    expect(await page.getByText('Not yet').count()).toBe(0);
  });

  it('shows how far a copy is behind, and begins to copy', async () => {
    const page = await lab.open();
    const copy = {
      name: 'attic',
      location: '/mnt/attic',
      required: true,
      enabled: true,
      isRunning: false,
      copiedAt: null,
      behindSince: '2026-01-01T00:00:00Z',
      lacks: 3,
      problem: 'The disk is away.',
      backups: 0,
      packs: 0,
      bytes: 0,
    };
    await answering(page, 'copies.list', () => [copy]);
    const asked: unknown[] = [];
    await page.route('**/ipc/copies.run', async (route) => {
      asked.push(route.request().postDataJSON());
      await route.fulfill({ json: { ok: true, value: { taskId: '1'.repeat(32) } } });
    });
    await page.reload();
    await page.getByText('Not copied yet, lacks 3 backups. The disk is away.').waitFor();
    await page.getByRole('button', { name: 'Copy now to attic' }).click();
    await expect.poll(() => asked).toEqual([{ name: 'attic' }]);
  });

  it('tries again what an interrupted run left, and says why that did not help', async () => {
    const { engine } = lab.rest().application;
    const page = await lab.open();
    const action = { label: 'Try again', operation: 'recover', input: {} };
    await answering(page, 'status.get', (value) => ({ ...value, state: 'recovering', action }));
    await page.reload();
    const again = page.getByRole('main').getByRole('button', { name: 'Try again' });
    const message = 'agent-one could not be started.';
    const failing = vi.spyOn(engine.recovery, 'run').mockResolvedValue({
      restores: [],
      containers: [{ file: 'one', containers: ['agent-one'], result: 'failed', message }],
      leftovers: [],
    });
    await again.click();
    await page.getByRole('alert').getByText(message).waitFor();
    failing.mockRestore();
  });

  it('tells files, bytes, rate and time left of a run, and cancels its task', async () => {
    const page = await lab.open();
    const runId = '2'.repeat(32);
    const run = { runId, what: 'verify', startedMs: Date.now() } as const;
    const progress = {
      phase: 'persistence',
      total: 1_000_000,
      unit: 'bytes',
      files: 12,
      detail: 'x',
    } as const;
    const { events } = lab.rest().application;
    const task = {
      taskId: runId,
      operation: 'verify',
      state: 'running',
      startedAt: '',
      finishedAt: null,
      progress: null,
      error: null,
      result: null,
    };
    await answering(page, 'tasks.list', () => ({ tasks: [task] }));
    const cancelled: unknown[] = [];
    await page.route('**/ipc/tasks.cancel', async (route) => {
      cancelled.push(route.request().postDataJSON());
      await route.fulfill({ json: { ok: true, value: { taskId: runId } } });
    });
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    events.emit('runStarted', run);
    events.emit('runProgress', { ...run, ...progress, done: 250_000 });
    await page.getByText('Checking the vault: the database').waitFor();
    await page.getByText(/^12 files · 250 kB of 1\.00 MB/u).waitFor();
    const bar = page.getByRole('progressbar', { name: 'Checking the vault' });
    await expect.poll(async () => await bar.getAttribute('aria-valuenow')).toBe('25');
    const halfway = page.getByText(/^12 files · 500 kB of 1\.00 MB · \S+ \wB a second · .+ left$/u);
    // A rate is told of what half a second or more lies between.
    await expect
      .poll(async () => {
        events.emit('runProgress', { ...run, ...progress, done: 500_000 });
        return await halfway.count();
      })
      .toBe(1);
    await expect.poll(async () => await bar.getAttribute('aria-valuenow')).toBe('50');
    await page.getByRole('button', { name: 'Cancel: Checking the vault' }).click();
    await expect.poll(() => cancelled).toEqual([{ taskId: runId }]);
    events.emit('runFinished', { ...run, finishedMs: Date.now(), outcome: 'cancelled' });
  });
});
