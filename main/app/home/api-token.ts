import { randomBytes } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import { writeFileAtomic } from '../../platform/atomic-file.ts';

const tokenBytes = 32;
const tokenShape = /^[A-Za-z0-9_-]{43}$/;

/** The bearer token of the REST API, made (0600) where there is none. */
export async function ensureApiToken(file: string): Promise<string> {
  return (await readApiToken(file)) ?? (await newApiToken(file));
}

/** Another token; whoever has the old one is out. */
export async function newApiToken(file: string): Promise<string> {
  const token = randomBytes(tokenBytes).toString('base64url');
  await writeFileAtomic(file, [Buffer.from(`${token}\n`)]);
  return token;
}

/** Undefined where there is none; `refused` for one that others can read or that is no token. */
export async function readApiToken(file: string): Promise<string | undefined> {
  try {
    const stat = await lstat(file);
    const token = (await readFile(file, 'utf8')).trim();
    if (stat.isFile() && (stat.mode & 0o077) === 0 && tokenShape.test(token)) return token;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  throw new AppError(
    'refused',
    `The API token ${file} is damaged or can be read by others: make another with trinity-backup api-token --new.`,
  );
}
