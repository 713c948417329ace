import { readlink } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../shared/lib/app-error.ts';
import { fetchFile } from '../trinity/helper/fetch-file.ts';
import type { HelperTarget } from '../trinity/helper/volume-helpers.ts';
import type { TrinityInstall } from '../trinity/install.ts';
import type { RestoreContext } from './component-handler.ts';

/** Of a linked file of a closed checkout. */
const maxFileBytes = 16 * 1024 * 1024;

/** Of another user: only a container may read and write all of it. */
export function isClosed({ folderAccess }: TrinityInstall): boolean {
  return folderAccess.mode === 'helper';
}

export function checkoutOf({ folder }: TrinityInstall): HelperTarget {
  return { kind: 'bind', source: folder, containers: [] };
}

/** A file of a closed checkout, or the one that it is a link to. */
export async function closedFile(
  { folder, engine }: TrinityInstall,
  name: string,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  if (engine === undefined) throw new Error('A closed checkout needs an engine.');
  return await fetchFile({ host: engine.host, folder, name, maxBytes: maxFileBytes, signal });
}

export async function targetOfLink(file: string): Promise<string | undefined> {
  try {
    return await readlink(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EINVAL')) return undefined;
    throw error;
  }
}

/** Where a top-level name of the live checkout leads to, if it is a link. */
export async function linkIn({ folder }: TrinityInstall, name: Buffer): Promise<string | undefined> {
  return name.includes('/') ? undefined : await targetOfLink(path.join(folder, name.toString()));
}

export function warnOfLink(
  { name, target }: Readonly<{ name: string; target: string }>,
  context: RestoreContext,
): void {
  const file = path.join(context.install.folder, name);
  const message = `${file} was a link to ${target}, and is a file now; ${target} stays as it is.`;
  context.warn({ code: 'link-replaced', message, component: 'config', path: name });
}
