import { randomBytes } from 'node:crypto';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { HomeSettings, InstallSettings } from '../../../shared/model/settings.ts';

/** The install of this home, or the sentence that says how to set it. */
export function requireInstall(settings: HomeSettings): InstallSettings {
  if (settings.install !== undefined) return settings.install;
  throw new AppError(
    'not-found',
    'No install is set for this home: name it with trinity-backup install --path DIR.',
    { details: { isNotSetUp: true } },
  );
}

/** Stands for the install of a home that has none, which can only restore elsewhere: it is the install of no backup. */
export function noInstall(): InstallSettings {
  return { installId: randomBytes(16).toString('hex'), folder: '/nonexistent' };
}
