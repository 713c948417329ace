import { describe, expect, it } from 'vitest';
import { leaveHeldRecovery } from '../../helpers/held-recovery.ts';
import type { DesktopApp } from '../desktop-app.ts';
import { sharedDesktopLab } from '../desktop-lab.ts';

const lab = sharedDesktopLab({ isSetUp: true });
const sentence = 'Finishing an interrupted restore.';

async function shows(app: DesktopApp, expected: string): Promise<void> {
  await expect.poll(async () => (await app.tray())?.tooltip).toBe(expected);
  const page = await app.window();
  await page.getByRole('main').getByRole('status').getByText(expected).waitFor();
}

describe('a start after a restore was interrupted', () => {
  it('says in tray and window that it is being finished, and then how all stands', async () => {
    const held = await leaveHeldRecovery(lab.command().home);
    const app = lab.start();
    await held.reached;
    await shows(app, sentence);
    held.goOn();
    await shows(app, 'Ready for the first backup.');
  });

  it('asks whoever quits meanwhile, stays on the word, and finishes it before it ends', async () => {
    const held = await leaveHeldRecovery(lab.command().home);
    const app = lab.start(['--hidden']);
    await held.reached;
    await expect.poll(async () => (await app.tray())?.tooltip).toBe(sentence);
    await app.quit();
    expect(await app.dialog()).toMatchObject({
      message: 'An interrupted restore is being finished.',
      buttons: ['Finish it, then quit', 'Quit now', 'Keep running'],
    });
    await app.answerDialog('Keep running');
    await app.launchAgain();
    await shows(app, sentence);
    await app.quit();
    await app.answerDialog('Finish it, then quit');
    expect((await app.tray())?.tooltip).toBe(sentence);
    held.goOn();
    expect(await app.ended).toEqual({ code: 0, signal: null });
    const activity = await lab.command().json(['activity']);
    expect(JSON.stringify(activity)).toContain('agent-one had been held to be restored');
  });

  it('ends on a signal when it is finished', async () => {
    const held = await leaveHeldRecovery(lab.command().home);
    const app = lab.start(['--hidden']);
    await held.reached;
    process.kill(app.pid, 'SIGTERM');
    await expect.poll(async () => (await app.tray())?.tooltip).toBe('Closing.');
    await app.launchAgain();
    expect(await app.dialog()).toMatchObject({ message: 'Trinity Backup is closing.' });
    held.goOn();
    expect(await app.ended).toEqual({ code: 0, signal: null });
  });
});
