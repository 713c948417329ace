import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { expectAccessible } from '../helpers/accessible.ts';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';

const lab = sharedBrowserLab({ isSetUp: true });
const taskId = '3'.repeat(32);
const server = 'cd /opt/trinity && docker compose up -d postgres';

type Ended = Readonly<{ result?: object; error?: object }>;

const nothing = {
  backupId: '0267d12eb768',
  isDone: false,
  database: 'none',
  started: [],
  safetyBackupId: null,
  nextStep: null,
  waitsFor: null,
  warnings: [],
  notes: [],
};

/** What an engine with Docker would answer, one after the other; the tests with Docker show that it does. */
async function answering(page: Page, ends: readonly Ended[]): Promise<readonly unknown[]> {
  const asked: unknown[] = [];
  await page.route('**/ipc/status.get', async (route) => {
    const response = await route.fetch();
    const { value } = (await response.json()) as { value: { causes: readonly object[] } };
    const cause = {
      key: 'finish',
      severity: 'attention',
      title: 'The restored install is not finished',
      body: 'Its database waits to be loaded.',
      action: { label: 'Finish', operation: 'finish', input: {} },
    };
    await route.fulfill({ json: { ok: true, value: { ...value, causes: [cause] } } });
  });
  await page.route('**/ipc/restore.finish', async (route) => {
    asked.push(route.request().postDataJSON());
    // Each is a task of its own.
    await route.fulfill({ json: { ok: true, value: { taskId: taskId.slice(1) + String(asked.length) } } });
  });
  await page.route('**/ipc/tasks.get', async (route) => {
    const { result = null, error = null } = ends[asked.length - 1] ?? {};
    const times = { startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:01Z' };
    const state = error === null ? 'succeeded' : 'failed';
    const value = { taskId, operation: 'finish', state, ...times, progress: null, steps: [], result, error };
    await route.fulfill({ json: { ok: true, value } });
  });
  return asked;
}

describe('finishing a restored server', () => {
  it('is led to by the overview, names each next step with its command, and ends', async () => {
    const page = await lab.open();
    const asked = await answering(page, [
      {
        result: {
          ...nothing,
          database: 'waiting',
          waitsFor: { why: 'It waits for its server:', command: server },
        },
      },
      {
        result: {
          ...nothing,
          database: 'loaded',
          waitsFor: { why: 'Trinity does not run yet.', command: null },
        },
      },
      { result: { ...nothing, isDone: true, started: ['one', 'two'] } },
    ]);
    await page.reload();
    await page.getByRole('link', { name: 'Finish' }).first().click();
    await page.getByRole('heading', { level: 2, name: 'Finish the restored server' }).waitFor();
    expect(asked).toEqual([]);
    await page.getByRole('button', { name: 'Finish', exact: true }).click();
    await page.getByText('It waits for its server:').waitFor();
    await page.getByText(server).waitFor();
    await expectAccessible(page, 'next step');
    await page.getByRole('button', { name: 'Finish again' }).click();
    await page.getByText('The database is restored and checked.').waitFor();
    await page.getByText('Trinity does not run yet.').waitFor();
    await page.getByRole('button', { name: 'Finish again' }).click();
    await page.getByText('2 agents run: one, two.').waitFor();
    await page.getByText('Nothing is left to do.').waitFor();
    expect(await page.getByRole('button', { name: /^Finish/u }).count()).toBe(0);
    expect(asked).toEqual([{ confirm: false }, { confirm: false }, { confirm: false }]);
  });

  it('replaces a database that holds tables only when that is confirmed', async () => {
    const page = await lab.open();
    const error = {
      kind: 'refused',
      message: 'The database holds tables already.',
      details: { holdsTables: true },
    };
    const asked = await answering(page, [
      { error },
      { result: { ...nothing, isDone: true, database: 'loaded' } },
    ]);
    await page.evaluate('location.hash = "#/setup?finish=yes"');
    await page.getByRole('button', { name: 'Finish', exact: true }).click();
    await page.getByRole('alert').getByText('The database holds tables already.', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Replace the database' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    // It fades out, with a button of the same name.
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Replace the database' }).click();
    expect(asked).toEqual([{ confirm: false }]);
    await page.getByRole('dialog').getByRole('button', { name: 'Replace the database' }).click();
    await page.getByText('The database is restored and checked.').waitFor();
    expect(asked).toEqual([{ confirm: false }, { confirm: true }]);
  });

  it('does nothing, and says so, where nothing is left', async () => {
    const page = await lab.open();
    await page.evaluate('location.hash = "#/setup?finish=yes"');
    await page.getByRole('button', { name: 'Finish', exact: true }).click();
    await page.getByText('Nothing is left to do.').waitFor();
  });
});
