import { open } from 'node:fs/promises';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Logger } from '../logs/logger.ts';

/** The history of runs in this file, which is made where it is not there; in memory where it cannot be written. */
export async function openCatalog(file: string, logger: Logger): Promise<Catalog> {
  try {
    // SQLite gives its further files the mode of the first.
    const handle = await open(file, 'a', 0o600);
    await handle.close();
  } catch (error) {
    // Then the history is kept in memory, which the catalog sees to.
    if (!isSystemError(error)) throw error;
  }
  const { Catalog } = await import('../../catalog/catalog.ts');
  const catalog = Catalog.open(file);
  const error = catalog.problem;
  if (error !== undefined) logger.warn({ error }, 'the history is kept in memory until the next start');
  return catalog;
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
