import { stat } from 'node:fs/promises';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import type { DesktopPort } from '../desktop-port.ts';
import type { CallHandlers } from './router.ts';

type DesktopHandlers = Pick<CallHandlers, Extract<keyof CallHandlers, `desktop.${string}`>>;

/** Calls that a desktop answers, where there is one. */
export function desktopHandlers(desktop: DesktopPort | undefined): DesktopHandlers {
  const required = (): DesktopPort => {
    if (desktop !== undefined) return desktop;
    throw new AppError('refused', 'Only the desktop application can do this.');
  };
  return {
    'desktop.get': async () => ({
      isDesktop: desktop !== undefined,
      startsAtLogin: (await desktop?.startsAtLogin()) ?? false,
      hasTray: (await desktop?.hasTray()) ?? null,
    }),
    'desktop.chooseFolder': async ({ title }) => ({ folder: (await required().chooseFolder(title)) ?? null }),
    'desktop.chooseFile': async ({ title, name }) => ({
      file: (await required().chooseFile(title, name)) ?? null,
    }),
    'desktop.openFolder': async ({ folder }) => {
      const { openFolder } = required();
      await assertFolder(folder);
      await openFolder(folder);
      return {};
    },
    'desktop.startAtLogin': async ({ isOn }) => {
      await required().startAtLogin(isOn);
      return {};
    },
  };
}

/** What is no folder would be started by the system, whatever it is. */
async function assertFolder(folder: string): Promise<void> {
  try {
    if ((await stat(folder)).isDirectory()) return;
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) throw error;
  }
  throw new AppError('not-found', `There is no folder ${folder}.`);
}
