import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { unwatched } from '../helpers/tiny-engine.ts';

const lab = sharedBrowserLab({ isSetUp: true });

beforeAll(async () => {
  const foreign = path.join(lab.rest().volumes, 'weblog_database/_data');
  mkdirSync(foreign, { recursive: true });
  writeFileSync(path.join(foreign, 'rows'), 'rows');
  await lab.backUp();
});

async function toAgents(): Promise<Page> {
  const page = await lab.open();
  await page.getByRole('link', { name: 'Agents', exact: true }).click();
  await page.getByRole('table', { name: 'Agents' }).waitFor();
  return page;
}

async function settings(): Promise<unknown> {
  return await lab.rest().application.run('settingsGet', { path: [] }, unwatched);
}

describe('the page of agents', () => {
  it('leaves out an agent and chooses how it is held, at once', async () => {
    const page = await toAgents();
    const included = page.getByRole('switch', { name: 'Back up one' });
    await expect.poll(async () => await included.isChecked()).toBe(true);
    await included.click();
    await expect.poll(settings).toMatchObject({ agents: { one: { include: false } } });
    await page.getByRole('row', { name: /^Left out by hand one/u }).waitFor();
    await page.getByRole('combobox', { name: 'While two is copied' }).click();
    await page.getByRole('option', { name: /^Stop/u }).click();
    await expect.poll(settings).toMatchObject({ agents: { two: { consistency: 'stop' } } });
    await included.click();
    await page.getByRole('row', { name: /^Backed up one/u }).waitFor();
  });

  it('shows one agent with its last days, and leads to its restore and its backups', async () => {
    const page = await toAgents();
    await page.getByRole('link', { name: 'two', exact: true }).click();
    const panel = page.getByRole('dialog');
    await panel.getByRole('img', { name: 'two: backed up on 1 day of 30, failed on 0' }).waitFor();
    await panel.getByText('agent-two-workspace').waitFor();
    expect(await panel.getByRole('link', { name: 'Restore…' }).getAttribute('href')).toBe(
      '#/restore?agent=two',
    );
    await panel.getByRole('link', { name: 'Its backups' }).click();
    const grid = page.getByRole('grid', { name: 'Backups and failed runs' });
    await expect.poll(async () => await grid.getAttribute('aria-rowcount')).toBe('2');
  });

  it('lists last what belongs to nobody, and includes it', async () => {
    const page = await toAgents();
    const rows = page.getByRole('table', { name: 'Agents' }).getByRole('row');
    await expect.poll(async () => await rows.last().textContent()).toContain('weblog_database');
    await page.getByRole('button', { name: 'Include weblog_database' }).click();
    await page.getByRole('button', { name: 'Leave out weblog_database' }).waitFor();
    await expect.poll(settings).toMatchObject({ volumes: { weblog_database: { include: true } } });
  });
});
