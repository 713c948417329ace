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
});
