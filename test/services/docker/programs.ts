import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Where a program is; also looks where only root's shell does. */
export function findProgram(name: string): string | undefined {
  const folders = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`.split(':');
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, name))
    .find((file) => isExecutable(file));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there or not to be run: the same for whoever looks for it.
    return false;
  }
}

/** Why no Docker engine can be started here, in words; undefined where one can. */
export function whyNoEngine(): string | undefined {
  if (process.platform !== 'linux') return 'a Docker engine is started on Linux only';
  if (process.getuid?.() !== 0) return 'a Docker engine is started by root only';
  const missing = ['dockerd', 'containerd', 'runc', 'setpriv', 'debootstrap'].filter(
    (name) => findProgram(name) === undefined,
  );
  if (missing.length === 0) return undefined;
  return `not installed: ${missing.join(', ')} (apt-get install docker.io debootstrap busybox-static)`;
}
