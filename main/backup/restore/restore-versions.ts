import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import { copyDatabase } from '../../trinity/copy-database.ts';
import { databaseFacts } from '../../trinity/database-facts.ts';
import type { TrinityInstall } from '../../trinity/install.ts';
import { openScratch } from '../scratch.ts';

const versionFact = z.string().min(1);
const migrationFact = z.array(z.string());

/**
 * Refuses data of a newer Trinity for an older install: it would not know its tables. Decided by VERSION, else by the migrations
 * that the databases name. Older data is allowed: Trinity migrates it at its next start, which the note says.
 */
export async function checkVersions(
  manifest: Manifest,
  install: TrinityInstall,
  parts: Readonly<{ home: string; signal: AbortSignal }>,
): Promise<readonly Finding[]> {
  const backup = versionFact.safeParse(manifest.install['trinityVersion']).data;
  const order =
    backup === undefined || install.version === undefined
      ? undefined
      : compareVersions(backup, install.version);
  if (order === undefined) return await checkMigrations(manifest, install, parts);
  if (order > 0) {
    throw new AppError(
      'refused',
      `The backup holds data of Trinity ${String(backup)}, and ${String(install.version)} is installed. ` +
        `Install Trinity ${String(backup)}, then restore again.`,
    );
  }
  if (order === 0) return [];
  const message = `The data is of Trinity ${String(backup)}; Trinity ${String(install.version)} will migrate it when it starts.`;
  return [{ code: 'will-migrate', message, component: 'persistence' }];
}

async function checkMigrations(
  manifest: Manifest,
  install: TrinityInstall,
  { home, signal }: Readonly<{ home: string; signal: AbortSignal }>,
): Promise<readonly Finding[]> {
  const wanted = migrationFact.safeParse(manifest.install['migrations']).data ?? [];
  const live = await liveMigrations(install, home, signal);
  if (live === undefined) {
    const message =
      'The versions of Trinity could not be compared: make sure that the installed one is not older than the backup.';
    return [{ code: 'version-unknown', message, component: 'persistence' }];
  }
  const unknown = wanted.filter((name) => !live.includes(name));
  const [first] = unknown;
  if (first === undefined) return [];
  throw new AppError(
    'refused',
    `The backup holds data of a newer Trinity (its database has the migration "${first}", the installed one has not). ` +
      'Install the Trinity that the backup was made with, then restore again.',
  );
}

/** Undefined where there is no sound database to ask. */
async function liveMigrations(
  install: TrinityInstall,
  home: string,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  if (install.databaseFile === undefined) return undefined;
  await using scratch = await openScratch(home);
  try {
    const copy = await copyDatabase({ file: install.databaseFile, targetFolder: scratch.folder, signal });
    return copy.damaged === undefined ? databaseFacts(copy.file).migrations : undefined;
  } catch (error) {
    if (error instanceof AppError && (error.kind === 'unavailable' || error.kind === 'damaged'))
      return undefined;
    throw error;
  }
}

/** Negative when the first is older; undefined where one is no version of numbers. */
export function compareVersions(one: string, other: string): number | undefined {
  const [first, second] = [parseVersion(one), parseVersion(other)];
  if (first === undefined || second === undefined) return undefined;
  for (let index = 0; index < Math.max(first.length, second.length); index += 1) {
    const difference = (first[index] ?? 0) - (second[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function parseVersion(text: string): readonly number[] | undefined {
  const numbers = /^v?(\d{1,9}(?:\.\d{1,9}){0,3})(?:[-+].*)?$/u.exec(text)?.[1];
  return numbers?.split('.').map(Number);
}
