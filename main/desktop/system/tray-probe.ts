import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const question = [
  '--session',
  '--print-reply',
  '--dest=org.freedesktop.DBus',
  '/',
  'org.freedesktop.DBus.NameHasOwner',
  'string:org.kde.StatusNotifierWatcher',
];

/** Whether this desktop shows trays: on Linux somebody has to watch for them. Undefined where nobody can be asked. */
export async function hasTray(): Promise<boolean | undefined> {
  if (process.platform !== 'linux') return true;
  try {
    const { stdout } = await run('dbus-send', question, { timeout: 3000 });
    return stdout.includes('boolean true');
  } catch {
    // No dbus-send, or no session bus: it may be there or not.
    return undefined;
  }
}
