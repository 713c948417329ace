import { describe, expect, it } from 'vitest';
import { sharedDesktopLab } from '../desktop-lab.ts';
import { labelsOf } from '../tray-labels.ts';

const lab = sharedDesktopLab({ isSetUp: true });

describe('the tray', () => {
  it('starts without a window at login, and the launcher opens one', async () => {
    const app = lab.start(['--hidden']);
    await expect.poll(async () => (await app.tray())?.tooltip).toBe('Ready for the first backup.');
    expect(app.isWindowOpen()).toBe(false);
    await app.launchAgain(['--hidden']);
    await app.launchAgain();
    const page = await app.window();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await app.closeWindow();
    await app.chooseInTray('Restore…');
    const again = await app.window();
    await again.getByRole('heading', { level: 1, name: 'Restore' }).waitFor();
    await app.chooseInTray('Open Trinity Backup');
    expect(await app.window()).toBe(again);
  });

  it('backs up from its menu, and says so everywhere', async () => {
    const app = lab.start();
    const page = await app.window();
    await app.chooseInTray('Back up now', 'Everything');
    await expect.poll(async () => (await app.tray())?.tooltip).toMatch(/^Backed up just now; /u);
    const sentence = page.getByRole('main').getByRole('status');
    // Icon, tooltip and menu change one after the other.
    const shown = async () => {
      const tray = await app.tray();
      const labels = labelsOf(tray);
      return {
        isSame: labels[0] === tray?.tooltip && (await sentence.textContent()) === tray?.tooltip,
        offersRehearsal: labels.includes('Run a rehearsal'),
        recent: labels.find((label) => label.startsWith('Recent › ')),
      };
    };
    const recent = expect.stringMatching(/^Recent › ✓ just now, /u);
    await expect.poll(shown).toEqual({ isSame: true, offersRehearsal: true, recent });
    const titles = async () => (await app.notices()).map(({ title }) => title);
    await expect.poll(titles).toEqual(['The first backup is done']);
    await app.chooseInTray('Back up now', 'one');
    await expect
      .poll(async () => labelsOf(await app.tray()).filter((label) => label.startsWith('Recent › ✓')).length)
      .toBe(2);
  });

  it('copies databases in a child that gets nothing of ours', async () => {
    const app = lab.start();
    await app.chooseInTray('Back up now', 'Database');
    await expect
      .poll(async () => {
        await app.window();
        return app.fact('childEnvironment');
      })
      .toEqual(['TRINITY_BACKUP_CHILD']);
  });

  it('pauses and resumes', async () => {
    const command = lab.command();
    await command.json(['settings', 'set', 'enabled', 'true']);
    const app = lab.start(['--hidden']);
    await app.chooseInTray('Pause', '1 hour');
    await expect.poll(async () => labelsOf(await app.tray())).toContain('Resume');
    expect(labelsOf(await app.tray())).not.toContain('Pause › 1 hour');
    await app.chooseInTray('Resume');
    await expect.poll(async () => labelsOf(await app.tray())).toContain('Pause › 1 hour');
    await command.json(['settings', 'set', 'enabled', 'false']);
  });
});
