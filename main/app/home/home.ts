import { constants } from 'node:fs';
import { chmod, lstat, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import type { KeychainPort } from './keychain.ts';

/**
 * The folder of one engine: settings, keys, history, what runs keep while they run. Everything in it is for its owner
 * only.
 */
export type Home = Readonly<{
  folder: string;
  settingsFile: string;
  deviceKeyFile: string;
  /** Seals the device key, where a desktop has one. */
  keychain: KeychainPort | undefined;
  /** Credentials of storages and services, sealed under the device key. */
  credentialsFile: string;
  catalogFile: string;
  /** Logs, rotated (0700). */
  logFolder: string;
  /** Which notices were told, and what is still to be sent. */
  noticesFile: string;
  /** What verifying and rehearsing remember of the vault. */
  upkeepFile: string;
  /** Bearer token of the REST API. */
  apiTokenFile: string;
  /** What a new install that was restored needs yet. */
  /** Locked by the process that is the engine of this home. */
  lockFile: string;
  /** Locked by the long-lived application of this home, beside it. */
  applicationLockFile: string;
  /** When backups were made by the schedule, and when the next is due. */
  scheduleFile: string;
  /** How far a set-up in the pages is, while it is not finished. */
  setupFile: string;
  /** Where that process answers further commands. */
  socketFile: string;
}>;

/** `--home`, else `TRINITY_BACKUP_HOME`, else one folder for all hosts of this user. */
export function homeFolder(option: string | undefined, env: NodeJS.ProcessEnv): string {
  const chosen = option ?? env['TRINITY_BACKUP_HOME'];
  if (chosen !== undefined && chosen !== '') return path.resolve(chosen);
  const config = env['XDG_CONFIG_HOME'];
  const base = config !== undefined && path.isAbsolute(config) ? config : path.join(homedir(), '.config');
  return path.join(base, 'trinity-backup');
}

/** Makes the home where it is not, and takes it back from readers other than its owner. */
export async function openHome(folder: string, keychain?: KeychainPort): Promise<Home> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await keepPrivate(folder);
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM', 'ENOTDIR', 'EROFS', 'EEXIST')) throw error;
    throw new AppError('failed', `The home folder ${folder} cannot be used: choose another with --home.`, {
      cause: error,
    });
  }
  return {
    folder,
    settingsFile: path.join(folder, 'settings.json'),
    deviceKeyFile: path.join(folder, 'device-key'),
    keychain,
    credentialsFile: path.join(folder, 'credentials.json'),
    catalogFile: path.join(folder, 'catalog.sqlite'),
    logFolder: path.join(folder, 'logs'),
    noticesFile: path.join(folder, 'notices.json'),
    upkeepFile: path.join(folder, 'upkeep.json'),
    apiTokenFile: path.join(folder, 'api-token'),
    lockFile: path.join(folder, 'engine.lock'),
    applicationLockFile: path.join(folder, 'application.lock'),
    scheduleFile: path.join(folder, 'schedule.json'),
    setupFile: path.join(folder, 'setup.json'),
    socketFile: path.join(folder, 'engine.sock'),
  };
}

async function keepPrivate(folder: string): Promise<void> {
  const stat = await lstat(folder);
  const others = constants.S_IRWXG | constants.S_IRWXO;
  if ((stat.mode & others) !== 0) await chmod(folder, 0o700);
}
