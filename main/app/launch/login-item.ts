import { hiddenFlag } from './launch.ts';

/** What Windows starts at login; macOS starts the application alone, without arguments. */
export type LoginItem = Readonly<{ path: string; args: string[] }>;

/** `command` is how this application is started. */
export function loginItemOf([path = '', ...args]: readonly string[]): LoginItem {
  return { path, args: [...args, hiddenFlag] };
}

/** What Windows and macOS say of it, as Electron tells it. */
export type LoginItemFacts = Readonly<{ openAtLogin: boolean; executableWillLaunchAtLogin?: boolean }>;

/** Whether the application will be started: one that was switched off in the task manager of Windows is not. */
export function isStartedAtLogin({
  openAtLogin,
  executableWillLaunchAtLogin = true,
}: LoginItemFacts): boolean {
  return openAtLogin && executableWillLaunchAtLogin;
}
