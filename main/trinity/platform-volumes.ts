import type { TrinityInstall } from './install.ts';

type PlatformVolume = Readonly<{ included: boolean; reason: string }>;

/** Volumes of a compose project, by what follows `<project>_`. */
const projectVolumes: Readonly<Record<string, PlatformVolume>> = {
  'trinity-data': {
    included: false,
    reason: 'The platform data: backed up as persistence and files where it is in use.',
  },
  'postgres-data': { included: false, reason: 'The files of Postgres: a copy of them is not a backup.' },
  'redis-data': {
    included: false,
    reason: 'Trinity fills it again by itself, and an old one would do harm.',
  },
  'trinity-logs': { included: false, reason: 'Logs of the platform.' },
  'trinity-archives': { included: false, reason: 'Archived logs of the platform.' },
  'agent-configs': { included: false, reason: 'Mount points only.' },
  'audit-data': { included: true, reason: 'The audit records of an older Trinity.' },
  'audit-logs': { included: false, reason: 'Logs of an older Trinity.' },
};

const legacyVolumes: Readonly<Record<string, PlatformVolume>> = {
  'encrypted-data': { included: true, reason: 'The data volume that agents of an older Trinity shared.' },
};

/** What is to be done with one of Trinity's own volumes; undefined for any other. */
export function platformVolume(name: string, install: TrinityInstall): PlatformVolume | undefined {
  const prefix = `${install.projectName}_`;
  const known = name.startsWith(prefix) ? entryOf(projectVolumes, name.slice(prefix.length)) : undefined;
  return known ?? entryOf(legacyVolumes, name);
}

function entryOf(table: Readonly<Record<string, PlatformVolume>>, name: string): PlatformVolume | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
