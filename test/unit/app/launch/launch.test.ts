import { describe, expect, it } from 'vitest';
import { launchOf } from '../../../../main/app/launch/launch.ts';
import { guardCommandOf, loginCommand, ownCommand } from '../../../../main/app/launch/own-command.ts';

const env = { XDG_CONFIG_HOME: '/config' };
const facts = {
  execPath: '/opt/app',
  appPath: '/src',
  isPackaged: true,
  appImage: undefined,
  argv: ['/opt/app', '--hidden'],
};

describe('launchOf', () => {
  it('starts the application on the home of this user', () => {
    const expected = {
      kind: 'application',
      homeFolder: '/config/trinity-backup',
      isHidden: false,
      isSmoke: false,
    };
    expect(launchOf(['/opt/app'], env)).toEqual(expected);
    expect(launchOf(['/electron', '/src', '--no-sandbox'], env)).toEqual(expected);
  });

  it('starts it without a window on another home, however that is written', () => {
    const expected = { kind: 'application', homeFolder: '/other', isHidden: true, isSmoke: false };
    expect(launchOf(['/opt/app', '--hidden', '--home', '/other'], env)).toEqual(expected);
    expect(launchOf(['/opt/app', '--home=/other', '--hidden'], env)).toEqual(expected);
    expect(launchOf(['/opt/app', '--hidden'], { TRINITY_BACKUP_HOME: '/other' })).toEqual(expected);
  });

  it('opens nothing and ends where all is only to be loaded once', () => {
    expect(launchOf(['/opt/app', '--smoke'], env)).toMatchObject({ isHidden: true, isSmoke: true });
  });

  it('starts the guard by the command line that the guard is started with', () => {
    const command = guardCommandOf(facts, '/home/profile');
    expect(launchOf([...command, 'journal', 'home', '12'], env)).toEqual({
      kind: 'guard',
      args: ['journal', 'home', '12'],
    });
  });
});

describe('loginCommand', () => {
  it('names the home, unless it is the one of this user', () => {
    expect(loginCommand(facts, '/config/trinity-backup', env)).toEqual(['/opt/app']);
    expect(loginCommand(facts, '/other', env)).toEqual(['/opt/app', '--home', '/other']);
    const set = { ...env, TRINITY_BACKUP_HOME: '/other' };
    expect(loginCommand(facts, '/other', set)).toEqual(['/opt/app', '--home', '/other']);
  });

  it('names the keyring that it was started with, without which the key of the vault stays sealed', () => {
    const argv = ['/opt/app', '--hidden', '--password-store=gnome-libsecret', '--home', '/other'];
    expect(loginCommand({ ...facts, argv }, '/other', env)).toEqual([
      '/opt/app',
      '--password-store=gnome-libsecret',
      '--home',
      '/other',
    ]);
  });
});

describe('ownCommand', () => {
  it('names Electron and the application, the package, or the AppImage that it was mounted from', () => {
    expect(ownCommand({ ...facts, isPackaged: false })).toEqual(['/opt/app', '/src']);
    expect(ownCommand(facts)).toEqual(['/opt/app']);
    expect(ownCommand({ ...facts, appImage: '/home/me/Trinity.AppImage' })).toEqual([
      '/home/me/Trinity.AppImage',
    ]);
  });
});
