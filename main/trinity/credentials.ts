import { createDecipheriv, createHmac } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../shared/lib/app-error.ts';
import { columnNames, readCopy, type CopyDatabase } from './open-copy.ts';

const keyHex = /^[0-9a-f]{64}$/iu;
const tagBytes = 16;
const maxEnvelopeLength = 16 * 1024 * 1024;

const envelopeShape = z.object({
  version: z.literal(1),
  algorithm: z.literal('AES-256-GCM'),
  nonce: z.base64().max(64),
  ciphertext: z.base64().max(maxEnvelopeLength),
});

/** Columns in which Trinity keeps envelopes; `system_settings` has them in rows whose key ends in `_encrypted`. */
export const envelopeColumns: readonly Readonly<{ table: string; column: string; condition?: string }>[] = [
  { table: 'system_settings', column: 'value', condition: String.raw`key LIKE '%\_encrypted' ESCAPE '\'` },
  { table: 'subscription_credentials', column: 'encrypted_credentials' },
  { table: 'nevermined_agent_config', column: 'encrypted_credentials' },
  { table: 'agent_git_config', column: 'github_pat_encrypted' },
  { table: 'users', column: 'github_pat_encrypted' },
  { table: 'slack_workspaces', column: 'bot_token' },
  { table: 'slack_link_connections', column: 'slack_bot_token' },
  { table: 'telegram_bindings', column: 'bot_token_encrypted' },
  { table: 'whatsapp_bindings', column: 'auth_token_encrypted' },
  { table: 'voip_bindings', column: 'auth_token_encrypted' },
  { table: 'agent_schedules', column: 'webhook_secret_encrypted' },
];

/** One encrypted credential: where it stands (no secret) and its text (`openEnvelope`). */
export type Envelope = Readonly<{ place: string; text: string }>;

/** Whether a key opens the credentials of a database; `untested` when the database holds none. */
export type KeyProof = Readonly<{ state: 'opens' | 'untested' } | { state: 'fails'; place: string }>;

/**
 * 16 hexadecimal digits that tell keys apart and say nothing of the key. `salt` is any text that belongs to one vault, so that
 * fingerprints of two vaults cannot be compared. Undefined for no key.
 */
export function keyFingerprint(key: string | undefined, salt: string): string | undefined {
  if (key === undefined || key === '') return undefined;
  const bytes = keyHex.test(key) ? Buffer.from(key, 'hex') : Buffer.from(key, 'utf8');
  return createHmac('sha256', bytes)
    .update(`trinity-backup key fingerprint\0${salt}`)
    .digest('hex')
    .slice(0, 16);
}

/** The UTF-8 text in one of Trinity's envelopes. Kind `no-key` when the key does not fit, `damaged` when it is no envelope. */
export function openEnvelope(key: string, text: string): string {
  const envelope = envelopeOf(text);
  if (envelope === undefined)
    throw new AppError('damaged', 'A stored credential is no envelope of Trinity. Enter it again.');
  if (!keyHex.test(key)) {
    throw new AppError(
      'no-key',
      'CREDENTIAL_ENCRYPTION_KEY is not 64 hexadecimal digits. Put the right key into .env.',
    );
  }
  const sealed = Buffer.from(envelope.ciphertext, 'base64');
  try {
    const nonce = Buffer.from(envelope.nonce, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key, 'hex'), nonce, {
      authTagLength: tagBytes,
    });
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    return Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()]).toString('utf8');
  } catch (error) {
    throw new AppError(
      'no-key',
      'CREDENTIAL_ENCRYPTION_KEY does not open the stored credentials. Find the key they were made with.',
      {
        cause: error,
      },
    );
  }
}

/** One encrypted credential of a private copy, to prove a key with; undefined when it holds none. */
export function findEnvelope(databaseCopy: string): Envelope | undefined {
  return readCopy(databaseCopy, envelopeIn);
}

/** Opens one credential of a private copy with the first of `keys` that fits (the primary, the secondary). */
export function proveKeys(databaseCopy: string, keys: readonly string[]): KeyProof {
  const envelope = findEnvelope(databaseCopy);
  if (envelope === undefined) return { state: 'untested' };
  return keys.some((key) => opens(key, envelope.text))
    ? { state: 'opens' }
    : { state: 'fails', place: envelope.place };
}

function opens(key: string, text: string): boolean {
  try {
    openEnvelope(key, text);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.kind === 'no-key') return false;
    throw error;
  }
}

function envelopeIn(database: CopyDatabase): Envelope | undefined {
  for (const { table, column, condition } of envelopeColumns) {
    if (!columnNames(database, table).has(column)) continue;
    const values = database
      .prepare(`SELECT ${column} FROM main.${table} WHERE ${condition ?? '1'} LIMIT 100`)
      .pluck();
    for (const value of values.iterate()) {
      if (typeof value === 'string' && envelopeOf(value) !== undefined)
        return { place: `${table}.${column}`, text: value };
    }
  }
  return undefined;
}

function envelopeOf(text: string): z.infer<typeof envelopeShape> | undefined {
  if (text.length > maxEnvelopeLength) return undefined;
  try {
    return envelopeShape.safeParse(JSON.parse(text)).data;
  } catch (error) {
    // Old rows hold plain tokens: no JSON, so no envelope.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
