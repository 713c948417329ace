import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import { parseEnv } from '../../trinity/env-file.ts';
import type { Engine } from '../engine.ts';
import { readDeviceKey } from '../home/device-key.ts';
import { type Redactor, secretsOfEnvironment } from '../logs/redactor.ts';

/** Tells a redactor every secret that this home and its install know, however unlikely it is that one was written anywhere. */
export async function learnSecrets(
  { home, settings, credentials }: Engine,
  redactor: Redactor,
): Promise<void> {
  const { settings: now } = await settings.read();
  for (const name of ['TRINITY_BACKUP_PASSPHRASE', 'TRINITY_BACKUP_RECOVERY_KEY'])
    redactor.learn(process.env[name]);
  const deviceKey = await whereReadable(async () => await readDeviceKey(home));
  if (deviceKey !== undefined) redactor.learnBytes(deviceKey);
  redactor.learn((await textOf(path.join(home.folder, 'api-token')))?.trim());
  const names = (await whereReadable(async () => await credentials.names())) ?? [];
  for (const name of names) redactor.learn(await whereReadable(async () => await credentials.read(name)));
  const { webhook, heartbeat } = now.backup.notifications;
  for (const address of [webhook?.url, heartbeat?.url]) redactor.learnAddress(address);
  if (now.install === undefined) return;
  const env = await textOf(path.join(now.install.folder, '.env'));
  for (const secret of secretsOfEnvironment(parseEnv(env ?? ''))) redactor.learnAddress(secret);
}

/** What cannot be read here was not written from here either. */
async function whereReadable<Result>(read: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES', 'ENOTDIR', 'EISDIR', 'EPERM')) return undefined;
    throw error;
  }
}
