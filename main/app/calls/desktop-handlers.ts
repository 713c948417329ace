import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
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

/** What is no folder would be started by the system, whatever it is; of folders those that macOS takes for programs, under any name. */
async function assertFolder(folder: string): Promise<void> {
  try {
    const real = await realpath(folder);
    if ((await stat(real)).isDirectory()) {
      if (![folder, real].some((place) => started.has(path.extname(place).toLowerCase()))) return;
      throw new AppError('refused', `${folder} is a program: look at it in the file manager.`);
    }
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP')) throw error;
  }
  throw new AppError('not-found', `There is no folder ${folder}.`);
}

const started: ReadonlySet<string> = new Set(
  [
    'app',
    'action',
    'bundle',
    'mpkg',
    'pkg',
    'prefpane',
    'qlgenerator',
    'saver',
    'scptd',
    'service',
    'wdgt',
    'workflow',
    'xpc',
  ].map((ending) => `.${ending}`),
);
