import { beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../shared/lib/app-error.ts';
import { runOperation } from '../../main/app/operations/run-operation.ts';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { readZip } from '../helpers/read-zip.ts';
import { secretOfInstall } from '../integration/crash/crash-install.ts';

const lab = sharedBrowserLab({ isSetUp: true });

beforeAll(async () => {
  await lab.backUp();
  await lab.backUp();
});

describe('the activity', () => {
  it('shows what one run told, and all again', async () => {
    const page = await lab.open();
    await page.getByRole('link', { name: 'Activity', exact: true }).click();
    const lines = page
      .getByRole('main')
      .getByRole('listitem')
      .filter({ hasText: /backup .* is done/u });
    await expect.poll(() => lines.count()).toBe(2);
    await lines.first().getByRole('button', { name: 'This run' }).click();
    await expect.poll(() => lines.count()).toBe(1);
    await page.getByText('Failures').click();
    await page.getByText('There is no failure').waitFor();
    await page.getByText('All', { exact: true }).click();
    await page.getByRole('button', { name: 'Show all runs' }).click();
    await expect.poll(() => lines.count()).toBe(2);
  });

  it('shows what was cancelled by another shape than what is done', async () => {
    const signal = AbortSignal.abort(new AppError('cancelled', 'It was cancelled.'));
    const { engine } = lab.rest().application;
    await expect(
      runOperation(engine, 'verify', { data: 'full' }, { signal, onProgress: () => undefined }),
    ).rejects.toThrow();
    const page = await lab.open();
    await page.getByRole('link', { name: 'Activity', exact: true }).click();
    const shapeOf = (text: RegExp) =>
      page.getByRole('main').getByRole('listitem').filter({ hasText: text }).first().locator('svg');
    const cancelled = shapeOf(/check of the vault was cancelled/u);
    await cancelled.waitFor();
    expect(await cancelled.getAttribute('data-severity')).toBe('info');
    expect(await cancelled.innerHTML()).not.toBe(await shapeOf(/backup .* is done/u).innerHTML());
  });

  it('saves a support bundle without secrets', async () => {
    const page = await lab.open();
    await page.getByRole('link', { name: 'Activity', exact: true }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save support bundle' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^trinity-backup-support-\d{4}-\d\d-\d\d\.zip$/u);
    const files = await readZip(await download.path());
    expect(files.map(({ name }) => name)).toContain('support/about.json');
    for (const { content } of files) expect(content.toString()).not.toContain(secretOfInstall);
  });
});
