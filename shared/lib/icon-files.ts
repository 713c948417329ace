import type { StateShape } from '../model/status.ts';

/** The systems that icons are drawn for, as Node names them. */
export type IconSystem = 'darwin' | 'linux' | 'win32';

const trayEndings: Readonly<Record<IconSystem, string>> = {
  darwin: 'Template.png',
  linux: '.png',
  win32: '.ico',
};

/**
 * The tray's icon for a shape, relative to the folder of the build. macOS takes it as a template by its name; files for screens of more
 * pixels (`@2x` before the ending) lie beside it and are found by Electron.
 */
export function trayIconFile(shape: StateShape, system: IconSystem): string {
  return `icons/tray/${shape}${trayEndings[system]}`;
}

/** The icon of windows and notices, relative to the folder of the build; macOS takes that of the bundle. */
export function windowIconFile(system: IconSystem): string {
  return system === 'win32' ? 'icons/app.ico' : 'icons/app.png';
}
