import { describe, expect, it } from 'vitest';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { unwatched } from '../helpers/tiny-engine.ts';

const lab = sharedBrowserLab({ isSetUp: true });

describe('the overview', () => {
  it('goes from ready to backed up by its one button, and says the same as the engine', async () => {
    const page = await lab.open();
    const sentence = page.getByRole('main').getByRole('status');
    await expect.poll(() => sentence.textContent()).toBe('Ready for the first backup.');
    await page.getByRole('button', { name: 'Back up now' }).click();
    await expect.poll(() => sentence.textContent()).toMatch(/^Backed up just now; /u);
    const told = async () => {
      const { json } = await lab.rest().ask({ method: 'POST', path: '/ipc/status.get', body: {} });
      const { value } = json as { value: { state: string; sentence: string } }; // by the contract
      return [value.state, value.sentence === (await sentence.textContent())];
    };
    await expect.poll(told).toEqual(['unproven', true]);
    await page.getByText('1 backup', { exact: true }).first().waitFor();
    await page
      .getByRole('row', { name: /The database/u })
      .getByText('just now', { exact: true })
      .waitFor();
    await page.getByRole('button', { name: 'Run a rehearsal' }).first().click();
    await expect.poll(() => sentence.textContent()).toMatch(/^Protected\. /u);
  });

  it('lets a backup be made by hand, too, where something else mends the state', async () => {
    const page = await lab.open();
    const { application } = lab.rest();
    await application.run('settingsSet', { path: ['pausedUntil'], value: 'resumed' }, unwatched);
    const sentence = page.getByRole('main').getByRole('status');
    await expect.poll(() => sentence.textContent()).toMatch(/^Paused /u);
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    const { backups } = await application.run('list', { trashed: false }, unwatched);
    await page.getByRole('button', { name: 'Back up now' }).click();
    const count = async () => (await application.run('list', { trashed: false }, unwatched)).backups.length;
    await expect.poll(count).toBe(backups.length + 1);
    await application.run('settingsSet', { path: ['pausedUntil'], value: null }, unwatched);
  });

  it('tells what happened in the activity', async () => {
    const page = await lab.open();
    await page.getByRole('link', { name: 'Activity' }).click();
    await page
      .getByRole('listitem')
      .filter({ hasText: /backup .* is done/u })
      .first()
      .waitFor();
    await page.getByText('Failures').click();
    await page.getByText('There is no failure').waitFor();
  });
});
