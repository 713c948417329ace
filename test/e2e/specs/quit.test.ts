import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Pause } from '../../helpers/command-lab.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { sharedDesktopLab } from '../desktop-lab.ts';
import { started } from '../tray-labels.ts';

const lab = sharedDesktopLab({ isSetUp: true });

async function backups(): Promise<number> {
  const listed = await lab.command().json(['list']);
  return Array.isArray(listed) ? listed.length : -1;
}

/** The application with a backup that waits in the middle. */
async function backingUp() {
  const lingering = new Pause(await tempFolder(), { operation: 'put', prefix: 'packs/' });
  const app = lab.start(['--hidden'], lingering.env);
  await app.chooseInTray('Back up now', 'Everything');
  await lingering.reached();
  return { app, lingering };
}

describe('quitting', () => {
  it('asks nothing where nothing is lost, and ends the process', async () => {
    const app = lab.start();
    await started(app);
    await app.chooseInTray('Quit');
    expect(await app.ended).toEqual({ code: 0, signal: null });
  });

  it('says that backups stop where a schedule is on, and stays on the word', async () => {
    await lab.command().json(['settings', 'set', 'enabled', 'true']);
    const app = lab.start(['--hidden']);
    await started(app);
    await app.quit();
    expect(await app.dialog()).toMatchObject({
      message: 'Quit Trinity Backup?',
      detail: 'Backups stop until Trinity Backup is opened again.',
      buttons: ['Quit', 'Keep running'],
    });
    await app.answerDialog('Keep running');
    await app.launchAgain();
    await app.window();
    await app.quit();
    await app.answerDialog('Quit');
    expect(await app.ended).toEqual({ code: 0, signal: null });
    await lab.command().json(['settings', 'set', 'enabled', 'false']);
  });

  it('finishes a backup, then ends', async () => {
    const before = await backups();
    const { app, lingering } = await backingUp();
    await app.quit();
    expect(await app.dialog()).toMatchObject({
      message: 'A backup is running.',
      buttons: ['Finish it, then quit', 'Cancel it and quit', 'Keep running'],
    });
    await app.answerDialog('Finish it, then quit');
    lingering.goOn();
    expect(await app.ended).toEqual({ code: 0, signal: null });
    expect(await backups()).toBe(before + 1);
  });

  it('cancels a backup and ends, and no backup is listed of it', async () => {
    const before = await backups();
    const { app, lingering } = await backingUp();
    await app.quit();
    await app.answerDialog('Cancel it and quit');
    lingering.goOn();
    expect(await app.ended).toEqual({ code: 0, signal: null });
    expect(await backups()).toBe(before);
    expect(existsSync(path.join(lab.command().home, 'engine.sock'))).toBe(false);
  });

  it('asks while files of a backup are written to a folder, and ends when they are', async () => {
    const [newest] = (await lab.command().json(['list'])) as readonly { backupId: string }[];
    const lingering = new Pause(await tempFolder(), { operation: 'read', prefix: 'packs/' });
    const app = lab.start(['--hidden'], lingering.env);
    await started(app);
    const folder = path.join(await tempFolder(), 'plain');
    const restoring = lab.command().start(['restore', newest?.backupId ?? '', '--to', folder]);
    await lingering.reached();
    await app.quit();
    expect(await app.dialog()).toMatchObject({
      message: 'Files of a backup are being written.',
      buttons: ['Finish it, then quit', 'Cancel it and quit', 'Keep running'],
    });
    await app.answerDialog('Finish it, then quit');
    lingering.goOn();
    expect((await restoring.ended).code).toBe(0);
    expect(await app.ended).toEqual({ code: 0, signal: null });
    expect(existsSync(path.join(folder, 'memory/agent-one-workspace/notes.txt'))).toBe(true);
  });

  it('ends at once where a command still has the engine, and nothing has begun', async () => {
    const lingering = new Pause(await tempFolder(), { operation: 'list', prefix: 'backups/' });
    const listing = lab.command().start(['list'], lingering.env);
    await lingering.reached();
    const app = lab.start(['--hidden']);
    await expect
      .poll(async () => (await app.tray())?.tooltip)
      .toMatch(/^Waiting for a command that works on /u);
    process.kill(app.pid, 'SIGTERM');
    expect(await app.ended).toEqual({ code: 0, signal: null });
    lingering.goOn();
    await listing.ended;
  });

  it('ends without a question when the session does', async () => {
    const remembered = path.join(lab.command().home, 'window.json');
    rmSync(remembered, { force: true });
    const app = lab.start();
    await started(app);
    await app.tellPower('shutdown');
    expect(await app.ended).toEqual({ code: 0, signal: null });
    // Its window was closed first, and opens next where it was.
    expect(existsSync(remembered)).toBe(true);
  });
});
