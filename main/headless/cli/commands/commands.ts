import type { Command } from 'commander';
import type { Act } from './act.ts';
import { addSettingsCommands } from './settings-commands.ts';

export function addCommands(program: Command, act: Act): void {
  addSettingsCommands(program, act);
}
