import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { hasCode } from '../../shared/lib/app-error.ts';

/** 32 hexadecimal digits that are the same for all backups of this host in one vault, and say nothing of it elsewhere. */
export function hostIdOf(vaultId: string): string {
  const digest = createHash('sha256').update(
    `trinity-backup host\0${vaultId}\0${machineId()}\0${hostname()}`,
  );
  return digest.digest('hex').slice(0, 32);
}

function machineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch (error) {
    // Containers and other systems have none: the host's name has to do.
    if (hasCode(error, 'ENOENT', 'EACCES')) return '';
    throw error;
  }
}
