import { AppError } from '../../../shared/lib/app-error.ts';

/**
 * The engine runs where Trinity's data lies, and is made of what Linux alone has: locks that die with their process, folders that are gone
 * through by descriptors. `refused` elsewhere.
 */
export function assertSupportedSystem(platform: NodeJS.Platform): void {
  if (platform === 'linux') return;
  throw new AppError(
    'refused',
    'Backups are made on Linux, where Trinity runs: start Trinity Backup there, and open its pages from here (trinity-backup serve there, ssh -L 7420:127.0.0.1:7420 SERVER here).',
  );
}
