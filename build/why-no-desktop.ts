import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Display } from './display.ts';

export type DesktopFacts = Readonly<{
  platform: NodeJS.Platform;
  /** What is named as a display, and whether it answers; undefined where none is named. */
  display: Display | undefined;
  /** Of this process; undefined where users have no numbers. */
  uid: number | undefined;
  /** Electron's executable; undefined where it was never fetched. */
  electron: string | undefined;
}>;

/** Why the desktop application cannot be started here, for people; undefined where it can. */
export function whyNoDesktop({ platform, display, uid, electron }: DesktopFacts): string | undefined {
  if (platform === 'linux' && display === undefined) return 'There is no display here';
  // Electron would end with the name of a variable.
  if (platform === 'linux' && display?.answers === false)
    return `The display ${display.name} does not answer`;
  if (platform === 'linux' && display?.isClosed === true)
    return `The display ${display.name} lets no program of this user in`;
  // Electron would end at once, since its sandbox is not for root.
  if (platform === 'linux' && uid === 0) return 'The desktop application does not run as root';
  if (electron === undefined) return 'The program of Electron is not here (npx install-electron fetches it)';
  return undefined;
}

/**
 * Electron's executable as its package knows it. The package itself is not loaded: it begins to fetch what is not there.
 */
export function findElectron(projectFolder: string, env: NodeJS.ProcessEnv): string | undefined {
  const folder = path.join(projectFolder, 'node_modules/electron');
  const pathFile = path.join(folder, 'path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : 'electron';
  const dist = env['ELECTRON_OVERRIDE_DIST_PATH'] ?? path.join(folder, 'dist');
  const file = path.join(dist, name);
  return existsSync(file) ? file : undefined;
}
