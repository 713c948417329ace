import { exitCodeOf } from '../../../../shared/lib/app-error.ts';
import type { CommandHost } from '../command-host.ts';

/** The exit code of a command that did what it could, with something to know about. */
export const withWarnings = exitCodeOf('incomplete');

/** Every option that a command may have; the same name means the same everywhere. */
export type CommandOptions = Readonly<{
  agent?: string[];
  as?: string;
  component?: string;
  compress?: boolean;
  confirm?: boolean;
  continue?: string;
  credentialsFile?: string;
  data?: string;
  dockerHost?: string;
  dryRun?: boolean;
  envFile?: string;
  files?: string;
  from?: string;
  forget?: boolean;
  hours?: string;
  immediate?: boolean;
  level?: string;
  limit?: string;
  name?: string;
  new?: boolean;
  newInstall?: string;
  note?: string;
  only?: string;
  required?: boolean;
  output?: string;
  passphraseFile?: string;
  passwordFile?: string;
  path?: string | string[];
  port?: string;
  recoveryKey?: string;
  recoveryKeyFile?: string;
  safetyBackup?: boolean;
  set?: string[];
  size?: string;
  startQuietly?: boolean;
  to?: string;
  trash?: boolean;
  vault?: string;
  volume?: string;
  volumesRoot?: string;
}>;

/**
 * Makes an action of commander from what a command does: it is given its host, its options and its arguments, and
 * returns the exit code when that is not 0.
 */
export type Act = (
  run: (host: CommandHost, options: CommandOptions, args: readonly string[]) => Promise<number | void>,
) => (...given: unknown[]) => Promise<void>;
