import path from 'node:path';
import { AppError } from '../../../shared/lib/app-error.ts';

/** Collects an option that may be given several times. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** `memory,config` as names; `usage` when it holds an empty one. */
export function namesOf(option: string, value: string | undefined): string[] | undefined {
  if (value === undefined) return undefined;
  const names = value.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return names;
  throw new AppError('usage', `${option} names nothing: name at least one component, or leave it out.`);
}

/** An absolute path, from where the command was started; `usage` when it is empty. */
export function absolutePath(option: string, value: string): string {
  if (value.trim() === '') throw new AppError('usage', `${option} is empty: name a path.`);
  return path.resolve(value);
}

/** The location of a vault or a copy: folders from where the command was started, all else as it stands. */
export function absoluteLocation(value: string, option = '--vault'): string {
  if (value.trim() === '')
    throw new AppError('usage', `${option} is empty: name a folder, for example /mnt/backup/trinity.`);
  return /^[a-z][a-z0-9+.-]*:\/\//iu.test(value) ? value : path.resolve(value);
}
