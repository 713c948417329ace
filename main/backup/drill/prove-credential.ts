import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { proveKeys } from '../../trinity/credentials.ts';
import { parseEnv } from '../../trinity/env-file.ts';

/** Whether the key in the backed-up `.env` opens a credential of the backed-up database. */
export type CredentialProof =
  | Readonly<{ state: 'opened' | 'untested' }>
  | Readonly<{ state: 'failed'; message: string }>;

export async function proveCredential(
  databaseFolder: string,
  configFolder: string,
): Promise<CredentialProof> {
  const database = (await readdir(databaseFolder)).find((name) => name.endsWith('.db'));
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

async function readEnv(folder: string): Promise<string | undefined> {
  try {
    return await readFile(path.join(folder, '.env'), 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
