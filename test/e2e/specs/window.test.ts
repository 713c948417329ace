import { describe, expect, it } from 'vitest';
import { sharedDesktopLab } from '../desktop-lab.ts';

const lab = sharedDesktopLab({ isSetUp: true });

describe('the window', () => {
  it('shows the pages, and how all stands', async () => {
    const app = lab.start();
    const page = await app.window();
    await page.getByRole('main').getByRole('status').getByText('Ready for the first backup.').waitFor();
    expect(app.fact('preferences')).toMatchObject({ sandbox: true });
  });

  it('lets its page copy text', async () => {
    await lab.command().json(['backup']);
    const app = lab.start();
    const page = await app.window();
    await page.getByRole('link', { name: 'History', exact: true }).click();
    await page.getByRole('row', { name: /Everything/u }).click();
    await page.getByRole('button', { name: /copy the whole checksum$/u }).click();
    await page.getByRole('button', { name: /copied the whole checksum$/u }).waitFor();
  });
});
