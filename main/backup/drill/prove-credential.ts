import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { dumpName } from '../../components/database-copy.ts';
import { readIfThere } from '../../platform/atomic-file.ts';
import { proveKeys } from '../../trinity/credentials.ts';
import { parseEnv } from '../../trinity/env-file.ts';
import { extractArchive } from '../../trinity/postgres/archive-extract.ts';

/** Whether the key in the backed-up `.env` opens a credential of the backed-up database. */
export type CredentialProof =
  | Readonly<{ state: 'opened' | 'untested' }>
  | Readonly<{ state: 'failed'; message: string }>;

export async function proveCredential(
  databaseFolder: string,
  configFolder: string,
  signal: AbortSignal,
): Promise<CredentialProof> {
  const names = await readdir(databaseFolder);
  const database = names.includes(dumpName)
    ? await rowsOfDump(databaseFolder, signal)
    : names.find((name) => name.endsWith('.db'));
  const text = await readEnv(configFolder);
  if (database === undefined || text === undefined) return { state: 'untested' };
  const env = parseEnv(text);
  const keys = ['CREDENTIAL_ENCRYPTION_KEY', 'CREDENTIAL_ENCRYPTION_KEY_SECONDARY'].flatMap(
    (name) => env.get(name) ?? [],
  );
  const proof = proveKeys(path.join(databaseFolder, database), keys);
  if (proof.state !== 'fails') return { state: proof.state === 'opens' ? 'opened' : 'untested' };
  return { state: 'failed', message: `The key in .env does not open the credential in ${proof.place}.` };
}

async function rowsOfDump(folder: string, signal: AbortSignal): Promise<string> {
  const rows = 'rows-of-dump';
  await extractArchive(path.join(folder, dumpName), path.join(folder, rows), signal);
  return rows;
}

async function readEnv(folder: string): Promise<string | undefined> {
  return (await readIfThere(path.join(folder, '.env')))?.toString();
}
