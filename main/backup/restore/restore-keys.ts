import { chmodSync, chownSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import type { ManifestSource } from '../../../shared/model/manifest.ts';
import type { HelperFiles, Swap } from '../../components/component-handler.ts';
import { proveKeys, keyFingerprint } from '../../trinity/credentials.ts';
import { parseEnv } from '../../trinity/env-file.ts';
import type { TrinityInstall } from '../../trinity/install.ts';
import { readEnvironment } from '../../trinity/read-install.ts';
import { readSmallEntry } from '../browse/read-entry.ts';
import type { RestoreRun } from './restore-run.ts';
import type { Staging } from './staging/staging.ts';

const primary = 'CREDENTIAL_ENCRYPTION_KEY';
const secondary = 'CREDENTIAL_ENCRYPTION_KEY_SECONDARY';
const maxEnvBytes = 1024 * 1024;

/**
 * Where data comes back that was encrypted with another key than the live one, and `.env` does not come with it: the old key is
 * added to the live `.env` as the secondary one, with which Trinity still reads.
 */
export async function stageOldKey(
  run: RestoreRun,
  install: TrinityInstall,
  staging: Staging,
): Promise<StagedKey> {
  const old = await oldKeyOf(run, install);
  if (old === undefined || old.state === 'same') return noKey;
  if (old.state === 'held' && run.request.keys !== 'leave') {
    requireKey(old.key);
    tellOfKey(install, staging);
    return install.folderAccess.mode === 'helper'
      ? {
          swaps: [],
          closed: [{ source: old.config, ...(await closedEnvironment(old.key, install, staging)) }],
        }
      : { swaps: [await stageEnvironment(old.key, install, staging)], closed: [] };
  }
  staging.warnings.add({ code: 'credentials-lost', message: lostText(old.state) });
  return noKey;
}

/** `held`: `key` is the one of the backup, out of its `config`; `lost`: the backup has none. */
export type OldKey =
  | Readonly<{ state: 'same' | 'lost' }>
  | Readonly<{ state: 'held'; key: string; config: ManifestSource }>;

/** Whether the live keys open the credentials that come back; undefined where none do, or `.env` comes too. */
export async function oldKeyOf(run: RestoreRun, install: TrinityInstall): Promise<OldKey | undefined> {
  const isConfigRestored = run.selection.sources.some(({ component }) => component === 'config');
  if (isConfigRestored || !bringsCredentials(run)) return undefined;
  const wanted = run.manifest.install['credentialKey'];
  const live = keyFingerprint(install.env.get(primary), run.context.vault.id);
  if (typeof wanted !== 'string' || wanted === live) return { state: 'same' };
  const [config, key] = await keyInBackup(run);
  if (key === undefined || config === undefined) return { state: 'lost' };
  return key === install.env.get(secondary) ? { state: 'same' } : { state: 'held', key, config };
}

/** That credentials cannot be read, and what helps. */
export function lostText(state: 'held' | 'lost'): string {
  const made = `The credentials in this backup were encrypted with another ${primary}`;
  if (state === 'held') return `${made}: until it is put into .env as ${secondary}, they cannot be read.`;
  return `${made}, which the backup does not hold: they are lost unless you put the old key into .env as ${secondary}.`;
}

/** An `.env` to which the old key was added: its swap, or where only a helper may write it, the file that goes there. */
export type StagedKey = Readonly<{
  swaps: readonly Swap[];
  closed: readonly (HelperFiles & Readonly<{ source: ManifestSource }>)[];
}>;

const noKey: StagedKey = { swaps: [], closed: [] };

/**
 * Where `.env` comes back and the database does not: the live key, under which its credentials are, stays as the secondary one.
 * Changes the staged `.env` only, which is `file`.
 */
export async function keepLiveKey(
  run: RestoreRun,
  install: TrinityInstall,
  file: string | undefined,
  staging: Staging,
): Promise<void> {
  const live = install.env.get(primary) ?? '';
  const isDatabaseRestored = run.selection.sources.some(({ component }) => component === 'persistence');
  if (isDatabaseRestored || live === '' || file === undefined) return;
  const content = await readFile(file);
  const env = parseEnv(content);
  if ([env.get(primary), env.get(secondary)].includes(live)) return;
  await writeFile(file, withLine(content, secondary, live), { flush: true });
  const message = `The key that the live credentials were encrypted with is now in .env as ${secondary}.`;
  staging.notes.add({ code: 'secondary-key-added', message });
}

/** Whole databases and volumes hold credentials; a few files out of one are the operator's business. */
function bringsCredentials({ selection }: RestoreRun): boolean {
  return (
    selection.paths.size === 0 &&
    selection.sources.some(({ component }) => component === 'persistence' || component === 'memory')
  );
}

async function keyInBackup({
  manifest,
  reader,
}: RestoreRun): Promise<readonly [ManifestSource | undefined, string | undefined]> {
  const config = manifest.sources.find(
    ({ component, listing }) => component === 'config' && listing !== undefined,
  );
  if (config?.listing === undefined) return [undefined, undefined];
  const listing = await reader.openListing(config.listing);
  const content = await readSmallEntry(listing, reader.chunks, { path: '.env', maxBytes: maxEnvBytes });
  const key = content === undefined ? undefined : parseEnv(content).get(primary);
  return [config, key === '' ? undefined : key];
}

function requireKey(oldKey: string): void {
  if (/^[0-9a-f]{64}$/iu.test(oldKey)) return;
  throw new AppError(
    'damaged',
    `The ${primary} in the backup is not 64 hexadecimal digits. Restore the configuration, too, or restore into a folder (--to).`,
  );
}

function tellOfKey({ env }: TrinityInstall, staging: Staging): void {
  if ((env.get(secondary) ?? '') !== '') {
    const message = `${secondary} in .env was another key, which the key of the backup has replaced; the old .env is in the safety backup.`;
    staging.warnings.add({ code: 'secondary-key-replaced', message });
  }
  const message = `The key that this backup was made with is now in .env as ${secondary}, so that Trinity can read its credentials.`;
  staging.notes.add({ code: 'secondary-key-added', message });
}

/** The same for an `.env` of another user, read by a container and written here until a container takes it there. */
async function closedEnvironment(
  oldKey: string,
  { folder, engine, envFile }: TrinityInstall,
  staging: Staging,
): Promise<HelperFiles> {
  const live = (await readEnvironment(folder, engine?.host, staging.signal)) ?? Buffer.alloc(0);
  const work = await staging.openWorkFolder(staging.home, 'keys');
  const file = path.join(work, '.env');
  await writeFile(file, withLine(live, secondary, oldKey), { mode: 0o600, flag: 'wx', flush: true });
  const { mode, uid, gid } = ownerOf(envFile, folder);
  const meta = { mode, uid, gid, mtimeNs: BigInt(Date.now()) * 1_000_000n };
  const name = Buffer.from(path.basename(envFile));
  return { files: [{ name, file, meta }], gives: [name] };
}

/** Of a link to where this user may not look, what an `.env` usually has. */
function ownerOf(file: string, folder: string): Readonly<{ mode: number; uid: number; gid: number }> {
  try {
    const { mode, uid, gid } = statSync(file);
    return { mode: mode & 0o7777, uid, gid };
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'ENOENT')) throw error;
    const { uid, gid } = statSync(folder);
    return { mode: 0o600, uid, gid };
  }
}

async function stageEnvironment(oldKey: string, install: TrinityInstall, staging: Staging): Promise<Swap> {
  const live = await readFile(install.envFile);
  const folder = path.dirname(install.envFile);
  const work = await staging.openWorkFolder(folder, 'keys');
  const staged = path.join(work, '.env');
  await writeFile(staged, withLine(live, secondary, oldKey), { mode: 0o600, flag: 'wx', flush: true });
  const stat = statSync(install.envFile);
  if (process.getuid?.() === 0) chownSync(staged, stat.uid, stat.gid);
  chmodSync(staged, stat.mode & 0o7777);
  const name = Buffer.from(path.basename(install.envFile));
  return {
    kind: 'whole',
    live: { root: folder, path: name },
    staged: { root: work, path: name },
    work,
    keep: undefined,
  };
}

/** The text of an `.env` in which a key has this value and no other; every other byte stays. */
export function withLine(content: Buffer, key: string, value: string): Buffer {
  const text = content.toString('latin1');
  const assignment = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${key}[ \\t]*=`, 'u');
  const lines = text.split('\n').filter((line) => !assignment.test(line));
  while (['', '\r'].includes(lines.at(-1) ?? 'a line')) lines.pop();
  const end = text.slice(0, Math.max(0, text.lastIndexOf('\n'))).endsWith('\r') ? '\r' : '';
  const last = lines.pop();
  const isUnended = last !== undefined && !text.endsWith('\n') && text.endsWith(last);
  const before = last === undefined ? lines : [...lines, isUnended ? `${last}${end}` : last];
  return Buffer.from([...before, `${key}=${value}${end}`, ''].join('\n'), 'latin1');
}

/** Opens one credential of a staged database, as a proof that Trinity will be able to. */
export function proveCredentials(database: string, environment: Buffer | undefined, staging: Staging): void {
  if (environment === undefined) return;
  const env = parseEnv(environment);
  const keys = [env.get(primary) ?? '', env.get(secondary) ?? ''].filter((key) => key !== '');
  const proof = proveKeys(database, keys);
  if (proof.state !== 'fails') return;
  const message = `The keys in .env do not open the restored credentials (${proof.place}). Put the key that they were made with into .env.`;
  staging.warnings.add({ code: 'credentials-lost', message, component: 'persistence' });
}
