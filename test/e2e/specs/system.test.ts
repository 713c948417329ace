import { existsSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { Pause } from '../../helpers/command-lab.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { sharedDesktopLab } from '../desktop-lab.ts';
import { started } from '../tray-labels.ts';

const lab = sharedDesktopLab({ isSetUp: true });

describe('what the system and the application do for each other', () => {
  it('starts at login when the switch says so, and no more when it is turned off', async () => {
    const config = await tempFolder();
    const entry = path.join(config, 'autostart/trinity-backup.desktop');
    const app = lab.start([], { XDG_CONFIG_HOME: config });
    const page = await app.window();
    await page.getByRole('link', { name: 'Settings', exact: true }).click();
    const startAtLogin = page.getByRole('switch', { name: 'Start at login, without a window' });
    await expect.poll(async () => await startAtLogin.isEnabled()).toBe(true);
    expect(await startAtLogin.isChecked()).toBe(false);
    await startAtLogin.click();
    await expect.poll(() => existsSync(entry)).toBe(true);
    expect(readFileSync(entry, 'utf8')).toMatch(/^Exec=.*--home.*--hidden/mu);
    await expect.poll(async () => await startAtLogin.isChecked()).toBe(true);
    await startAtLogin.click();
    await expect.poll(() => existsSync(entry)).toBe(false);
  });

  it('keeps the machine awake for a backup that a person began, and only so long', async () => {
    const lingering = new Pause(await tempFolder(), { operation: 'put', prefix: 'packs/' });
    const app = lab.start([], lingering.env);
    const awake = async (): Promise<unknown> => {
      await app.window();
      return app.fact('awake') ?? null;
    };
    await started(app);
    expect(await awake()).toBe(null);
    await app.chooseInTray('Back up now', 'Everything');
    await lingering.reached();
    await expect.poll(awake).toBe('prevent-app-suspension');
    lingering.goOn();
    await expect.poll(awake).toBe(null);
  });

  it('lets go of what it copies when the machine falls asleep, and goes on when it wakes', async () => {
    const command = lab.command();
    const copy = path.join(await tempFolder(), 'copy');
    await command.json(['backup']);
    // On the same disk, which is said.
    await command.json(['copies', 'add', copy], 3);
    const [newest] = z.array(z.object({ backupId: z.string() })).parse(await command.json(['list']));
    const lingering = new Pause(await tempFolder(), { operation: 'put', prefix: 'packs/' });
    const app = lab.start([], lingering.env);
    const page = await app.window();
    await started(app);
    // Whatever changes the vault has it copied.
    await command.json(['pin', newest?.backupId ?? '']);
    await lingering.reached();
    const activity = async (): Promise<string> => JSON.stringify(await command.json(['activity']));
    const isCopied = (): boolean => existsSync(path.join(copy, 'backups', newest?.backupId ?? ''));
    await app.tellPower('suspend');
    // What is answered now was asked after that.
    await page.evaluate('trinity.call("desktop.get", {})');
    lingering.goOn();
    await expect.poll(activity).toMatch(/The copying of the vault to \S+ was cancelled\./u);
    expect(isCopied()).toBe(false);
    await app.tellPower('resume');
    await expect.poll(isCopied).toBe(true);
  });

  it('looks anew at what may have gone away while the machine slept', async () => {
    const { vault } = lab.command();
    const app = lab.start(['--hidden']);
    await started(app);
    renameSync(vault, `${vault}-away`);
    onTestFinished(() => renameSync(`${vault}-away`, vault));
    await app.tellPower('resume');
    await expect.poll(async () => (await app.tray())?.tooltip).toMatch(/^Waiting for /u);
  });

  it('opens the window by a click on the tray', async () => {
    const app = lab.start(['--hidden']);
    await started(app);
    expect(app.isWindowOpen()).toBe(false);
    await app.clickTray();
    const page = await app.window();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });

  it('opens no window when it is started once more at login', async () => {
    const app = lab.start(['--hidden']);
    await started(app);
    await app.launchAgain(['--hidden']);
    // By the time that the application has done this a window would be there.
    await lab.command().json(['backup']);
    expect(app.isWindowOpen()).toBe(false);
    await app.launchAgain();
    await app.window();
  });

  it('asks where to save in the dialog of the system', async () => {
    const file = path.join(await tempFolder(), 'one.zip');
    await lab.command().json(['backup']);
    const app = lab.start();
    const page = await app.window();
    await page.getByRole('link', { name: 'History', exact: true }).click();
    await page
      .getByRole('row', { name: /Everything/u })
      .first()
      .click();
    await page.getByRole('button', { name: 'Export…' }).click();
    await page.getByRole('button', { name: 'Choose…' }).click();
    expect(await app.dialog()).toMatchObject({ kind: 'save', message: 'Export' });
    await app.answerDialog([file]);
    await expect.poll(async () => await page.getByLabel('Into the file').inputValue()).toBe(file);
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await expect.poll(() => existsSync(file)).toBe(true);
  });
});
