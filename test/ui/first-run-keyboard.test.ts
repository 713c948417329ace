import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { pressAt, tabTo, typeInto } from '../helpers/keyboard.ts';
import { writeCrashInstall } from '../integration/crash/crash-install.ts';

const lab = sharedBrowserLab({ isSetUp: false });

beforeAll(() => {
  // Whatever Docker this machine has is none of the test's.
  vi.stubEnv('DOCKER_HOST', 'unix:///nowhere/docker.sock');
  writeCrashInstall(lab.rest());
});

/** Saves the sheet, and types the two groups of the key that are asked for. */
async function keepKit(page: Page): Promise<void> {
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    pressAt(page, page.getByRole('button', { name: 'Save', exact: true })),
  ]);
  const html = readFileSync(await saved.path(), 'utf8');
  const groups = [...html.matchAll(/<span>([0-9A-Z]{6})<\/span>/gu)].map(([, group = '']) => group);
  await expect.poll(async () => await page.getByLabel(/^Group \d$/u).count()).toBe(2);
  for (const [at, group] of groups.entries()) {
    const field = page.getByLabel(`Group ${String(at + 1)}`, { exact: true });
    if ((await field.count()) === 1) await typeInto(page, field, group);
  }
}

describe('the first run by keyboard alone', () => {
  it('leads from nothing to the first proven backup', async () => {
    const page = await lab.open();
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    await pressAt(page, page.getByRole('button', { name: 'Protect this server' }));
    await typeInto(page, page.getByLabel('Folder of Trinity'), lab.rest().install);
    await typeInto(page, page.getByLabel(/^Folder of Docker’s volumes/u), lab.rest().volumes);
    await pressAt(page, button('Look there'));
    await page.getByText('This will be protected', { exact: false }).waitFor();
    await pressAt(page, button('Protect this Trinity'));
    await typeInto(page, page.getByLabel('Folder for the vault'), path.join(lab.rest().base, 'vault'));
    await page.getByText('The folder will be made.', { exact: false }).waitFor();
    await pressAt(page, button('Use this place'));
    await pressAt(page, button('Make the vault'));
    await button('Print').waitFor();
    await keepKit(page);
    await pressAt(page, button('Go on'));
    await pressAt(page, button('Make the first backup'));
    const begin = button('Back up now');
    const proven = page.getByText('Proven: your backup restores.');
    // The schedule may have made it already, or make it any moment.
    await begin.or(proven).first().waitFor();
    if (await begin.isVisible()) await begin.press('Enter', { timeout: 20_000 }).catch(() => undefined); // gone: it has begun by itself
    await proven.waitFor();
    await pressAt(page, button('Open the overview'));
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await tabTo(page, page.getByRole('link', { name: 'Restore', exact: true }));
    expect(page.url()).toContain('#/overview');
  });
});
