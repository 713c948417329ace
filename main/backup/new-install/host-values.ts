import { AppError } from '../../../shared/lib/app-error.ts';
import type { ManifestSource } from '../../../shared/model/manifest.ts';
import { databaseOf } from '../../trinity/database-setting.ts';
import { newHostKeys, parseEnv, secretHostKeys } from '../../trinity/env-file.ts';
import type { VaultReader } from '../../vault/vault.ts';
import { readSmallEntry } from '../browse/read-entry.ts';
import { withLine } from '../restore/restore-keys.ts';

/** A value of `.env` that belonged to the old host, to be kept or given anew; `value` is null for one that is secret. */
export type HostValue = Readonly<{ key: string; value: string | null }>;

const maxEnvBytes = 1024 * 1024;
const maxValue = 4096;
/** Needs no quotes, whoever reads it. */
const plain = /^[\w./:@%+,=~-]*$/u;

/** The `.env` of a backup; undefined when it holds none. */
export async function environmentOfBackup(
  sources: readonly ManifestSource[],
  reader: VaultReader,
): Promise<ReadonlyMap<string, string> | undefined> {
  const listing = sources.find(({ component }) => component === 'config')?.listing;
  if (listing === undefined) return undefined;
  const opened = await reader.openListing(listing);
  const content = await readSmallEntry(opened, reader.chunks, { path: '.env', maxBytes: maxEnvBytes });
  return content === undefined ? undefined : parseEnv(content);
}

/** What a new install keeps of the old host's `.env` unless other values are given. */
export async function hostValuesOf(
  sources: readonly ManifestSource[],
  reader: VaultReader,
): Promise<readonly HostValue[]> {
  const env = (await environmentOfBackup(sources, reader)) ?? new Map<string, string>();
  return newHostKeys.flatMap((key) => {
    const value = env.get(key) ?? '';
    return value === '' ? [] : [{ key, value: secretHostKeys.includes(key) ? null : value }];
  });
}

/** `usage` for a key that is not this host's to choose, and for a value that cannot stand in `.env`. No value is ever in the error. */
export function checkHostValues(
  given: Readonly<Record<string, string>>,
  env: ReadonlyMap<string, string> | undefined,
): void {
  const entries = Object.entries(given);
  if (entries.length > 0 && env === undefined) {
    const message =
      'Values for .env were given, and .env does not come back. Restore config too, or leave them out.';
    throw new AppError('usage', message);
  }
  for (const [key, value] of entries) {
    if (!newHostKeys.includes(key)) {
      const message = `${key} is not a value of a host. These are: ${newHostKeys.join(', ')}.`;
      throw new AppError('usage', message);
    }
    if (assignedText(value) === undefined) {
      const message = `The value for ${key} cannot stand in .env. Give it in one line, with one kind of quotes at most.`;
      throw new AppError('usage', message);
    }
  }
  if (given['DATABASE_URL'] === undefined || env === undefined) return;
  const changed = databaseOf(new Map([...env, ['DATABASE_URL', given['DATABASE_URL']]]));
  if (changed.kind === databaseOf(env).kind) return;
  throw new AppError(
    'usage',
    'DATABASE_URL names another kind of database than the backup holds. Leave it out.',
  );
}

/** The text of an `.env` with these values, which were checked. */
export function withHostValues(content: Buffer, given: Readonly<Record<string, string>>): Buffer {
  return Object.entries(given).reduce((text, [key, value]) => {
    const assigned = Buffer.from(assignedText(value) ?? '', 'utf8').toString('latin1');
    return withLine(text, key, assigned);
  }, content);
}

/** How a value is written behind the `=`; undefined when no way of writing gives it back. */
function assignedText(value: string): string | undefined {
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  if (value.length > maxValue || /[\u0000-\u001F\u007F]/u.test(value)) return undefined;
  if (plain.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  return /["$\\`]/u.test(value) ? undefined : `"${value}"`;
}
