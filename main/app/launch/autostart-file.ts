import { mkdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { writeFileAtomic } from '../../platform/atomic-file.ts';
import { hiddenFlag } from './launch.ts';

/** Where desktops on Linux look for what starts at login. */
export function autostartFile(env: NodeJS.ProcessEnv): string {
  const config = env['XDG_CONFIG_HOME'];
  const base = config !== undefined && path.isAbsolute(config) ? config : path.join(homedir(), '.config');
  return path.join(base, 'autostart', 'trinity-backup.desktop');
}

/** Whether this application starts at login, by its own entry: one that was switched off by the desktop's settings counts as off. */
export async function isAutostarted(file: string): Promise<boolean> {
  try {
    const text = await readFile(file, 'utf8');
    return !/^(?:Hidden=true|X-GNOME-Autostart-enabled=false)$/mu.test(text);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

/** Writes or removes the entry; `command` is how this application is started. */
export async function setAutostart(file: string, isOn: boolean, command: readonly string[]): Promise<void> {
  if (!isOn) {
    await rm(file, { force: true });
    return;
  }
  await mkdir(path.dirname(file), { recursive: true });
  await writeFileAtomic(file, [Buffer.from(entryText([...command, hiddenFlag]))]);
}

function entryText(command: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Trinity Backup',
    `Exec=${command.map(quoted).join(' ')}`,
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/** As the specification of desktop entries quotes arguments: `%` begins a field code, and the backslashes are read twice. */
function quoted(argument: string): string {
  const escaped = argument.replaceAll(/["`$\\]/gu, (found) => `\\${found}`).replaceAll('\\', '\\\\');
  return `"${escaped.replaceAll('%', '%%')}"`;
}
