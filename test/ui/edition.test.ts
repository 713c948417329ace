import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';

// Before the engine of this file is made, which asks for its edition then.
beforeAll(() => void vi.stubEnv('TRINITY_OSS_ONLY', '1'));
afterAll(() => void vi.unstubAllEnvs());

const lab = sharedBrowserLab({ isSetUp: true });

beforeAll(async () => await lab.backUp());

describe('the pages of an edition without the module', () => {
  it('explain what is not in it, and what is in its place', async () => {
    const page = await lab.open();
    await page.getByText('The schedule is not in this edition; Back up now always is').waitFor();
    await page.getByText('Rehearsals are not in this edition; restoring always is').waitFor();
    await page.getByRole('link', { name: 'History', exact: true }).click();
    await page.getByRole('row', { name: /Everything/u }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'More' }).click();
    await page
      .getByRole('menuitem', { name: /Rehearse a restore Not in this edition/u, disabled: true })
      .waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Storage', exact: true }).click();
    await page.getByText('This edition keeps every backup until you delete it.', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Add a copy' }).click();
    await page
      .getByText(/Bucket|S3/u)
      .first()
      .click();
    await page.getByText('This edition writes to folders.', { exact: false }).waitFor();
  });
});
