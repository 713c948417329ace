import { chmodSync, constants, copyFileSync, lstatSync, rmSync, statSync } from 'node:fs';

const attempts = 5;

/**
 * Copies a database with its journal or write-ahead log as they lie there, by reflink where the file system can. Whoever writes
 * meanwhile makes it begin anew; false when that never ended.
 */
export function copyRaw(source: string, target: string): boolean {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const before = stateOf(source);
    for (const suffix of ['', '-journal', '-wal']) {
      rmSync(`${target}${suffix}`, { force: true });
      copyIfThere(`${source}${suffix}`, `${target}${suffix}`);
    }
    if (before === stateOf(source)) return true;
  }
  return false;
}

function copyIfThere(source: string, target: string): void {
  // A link to elsewhere is no sidecar, and a FIFO would never end. The main file's path was resolved before.
  if (lstatSync(source, { throwIfNoEntry: false })?.isFile() !== true) return;
  copyFileSync(source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  chmodSync(target, 0o600);
}

function stateOf(source: string): string {
  const states = ['', '-journal', '-wal'].map((suffix) => {
    const stat = statSync(`${source}${suffix}`, { throwIfNoEntry: false, bigint: true });
    return stat === undefined ? '-' : [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join('.');
  });
  return states.join(' ');
}
