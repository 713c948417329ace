import type { Command } from 'commander';
import type { Act } from './act.ts';
import { addCheckCommands } from './check-commands.ts';
import { addCopiesCommands } from './copies-commands.ts';
import { addKeepCommands } from './keep-commands.ts';
import { addKeysCommands } from './keys-commands.ts';
import { addLogCommands } from './log-commands.ts';
import { addLookCommands } from './look-commands.ts';
import { addNoticeCommands } from './notice-commands.ts';
import { addQuietStartCommand } from './quiet-start-command.ts';
import { addRestoreCommand } from './restore-command.ts';
import { addRunCommands } from './run-commands.ts';
import { addServeCommand } from './serve-command.ts';
import { addSettingsCommands } from './settings-commands.ts';
import { addSetupCommands } from './setup-commands.ts';

/** Every command, in the order in which the help shows them. */
export function addCommands(program: Command, act: Act): void {
  addSetupCommands(program, act);
  addRunCommands(program, act);
  addRestoreCommand(program, act);
  addQuietStartCommand(program, act);
  addLookCommands(program, act);
  addCheckCommands(program, act);
  addKeepCommands(program, act);
  addLogCommands(program, act);
  addCopiesCommands(program, act);
  addNoticeCommands(program, act);
  addKeysCommands(program, act);
  addSettingsCommands(program, act);
  addServeCommand(program, act);
}
