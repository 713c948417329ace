import { open } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import type { S3Credentials } from '../../../shared/model/s3-credentials.ts';
import { credentialsOfText } from '../../storage/s3/s3-credentials.ts';
import { assertNewPassphrase } from '../../vault/keys/passphrase.ts';
import { askHidden } from './ask-hidden.ts';
import type { CommandHost } from './command-host.ts';
import type { CommandOptions } from './commands/act.ts';

/** Of the option `--credentials-file`. */
export const credentialsHelp =
  'for S3: the access key in its first line, the secret key in its second; kept sealed; - reads stdin';
const maxSecretBytes = 10_000;

/**
 * A new passphrase: from the file, else the environment, else asked twice of whoever sits at the terminal. Undefined
 * without any, or when just Enter is pressed.
 */
export async function newPassphrase(
  host: CommandHost,
  file: string | undefined,
): Promise<string | undefined> {
  // An empty variable is a slip of whoever set it, and must not make a vault without a passphrase.
  const given =
    file === undefined ? process.env['TRINITY_BACKUP_PASSPHRASE'] : await secretIn(file, 'passphrase');
  if (given !== undefined || !canAsk()) return given;
  const first = await askHidden(
    'Passphrase for the vault (Enter for none, the recovery key opens it too): ',
    host.signal,
  );
  if (first === '') return undefined;
  assertNewPassphrase(first);
  if ((await askHidden('Once more: ', host.signal)) === first) return first;
  throw new AppError('usage', 'The two passphrases differ: start again.');
}

/** The passphrase of a vault that exists: from the file, else the environment, else asked at the terminal. */
export async function existingPassphrase(
  host: CommandHost,
  file: string | undefined,
): Promise<string | undefined> {
  const given = await givenPassphrase(file);
  return given === undefined && canAsk() ? await askHidden('Passphrase of the vault: ', host.signal) : given;
}

/** The recovery key, from a file, from the option or, when no passphrase was named, from the environment. */
export async function givenRecoveryKey(options: CommandOptions): Promise<string | undefined> {
  const { passphraseFile, recoveryKey, recoveryKeyFile } = options;
  const given = [passphraseFile, recoveryKey, recoveryKeyFile].filter((option) => option !== undefined);
  if (given.length > 1) throw new AppError('usage', 'Give one key only: a passphrase or a recovery key.');
  if (recoveryKeyFile !== undefined) return await secretIn(recoveryKeyFile, 'recovery key');
  return (
    recoveryKey ?? (passphraseFile === undefined ? fromEnvironment('TRINITY_BACKUP_RECOVERY_KEY') : undefined)
  );
}

/** The recovery key of a vault that is open: from the file, else the environment, else asked at the terminal. */
export async function existingRecoveryKey(
  host: CommandHost,
  options: CommandOptions,
): Promise<string | undefined> {
  const given = await givenRecoveryKey(options);
  return given === undefined && canAsk() ? await askHidden('Recovery key: ', host.signal) : given;
}

/** The password of the mail server: from the file, else asked at the terminal. */
export async function mailPassword(host: CommandHost, file: string | undefined): Promise<string> {
  if (file !== undefined) return await secretIn(file, 'password');
  if (canAsk()) return await askHidden('Password of the mail server: ', host.signal);
  throw new AppError('usage', 'Give the password with --password-file FILE (- reads stdin).');
}

/** The credentials of a storage on S3, from a file; undefined where none was named. */
export async function givenCredentials({
  credentialsFile,
  passphraseFile,
  recoveryKeyFile,
}: CommandOptions): Promise<S3Credentials | undefined> {
  if (credentialsFile === undefined) return undefined;
  const fromStdin = [credentialsFile, passphraseFile, recoveryKeyFile].filter((file) => file === '-');
  if (fromStdin.length > 1) throw new AppError('usage', 'Only one secret can come from stdin: name files.');
  return credentialsOfText(await contentOf(credentialsFile, 'credentials'));
}

async function givenPassphrase(file: string | undefined): Promise<string | undefined> {
  return file === undefined
    ? fromEnvironment('TRINITY_BACKUP_PASSPHRASE')
    : await secretIn(file, 'passphrase');
}

function fromEnvironment(name: string): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}

/** Whoever sits at the terminal can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** The first line of a file; `-` reads it from stdin. */
async function secretIn(file: string, what: string): Promise<string> {
  const [line = ''] = (await contentOf(file, what)).split(/\r?\n/u, 1);
  if (line === '')
    throw new AppError('usage', `The file with the ${what} is empty: write it into the first line.`);
  return line;
}

/** A small file as a whole; `-` reads stdin. */
export async function contentOf(file: string, what: string): Promise<string> {
  return file === '-' ? await text(process.stdin) : await readSmall(file, what);
}

async function readSmall(file: string, what: string): Promise<string> {
  try {
    await using handle = await open(file, 'r');
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxSecretBytes + 1), 0, maxSecretBytes + 1);
    if (bytesRead <= maxSecretBytes) return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR', 'EPERM')) throw error;
    throw new AppError(
      'usage',
      `The file with the ${what}, ${file}, cannot be read: check its name and mode.`,
    );
  }
  throw new AppError(
    'usage',
    `The file with the ${what} is longer than ${maxSecretBytes} bytes: is it the right one?`,
  );
}
