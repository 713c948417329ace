import { posix } from 'node:path';
import { AppError } from '../../shared/lib/app-error.ts';
import type { InstallDatabase } from './install.ts';

const containerData = '/data/';
const usualPath = '/data/trinity.db';
const postgresPort = 5432;

/**
 * Which database Trinity is set to, by `DATABASE_URL` and `TRINITY_DB_PATH`. `refused` when it is one that cannot be backed up. The
 * container of a Postgres is not looked for here.
 */
export function databaseOf(env: ReadonlyMap<string, string>): InstallDatabase {
  const url = env.get('DATABASE_URL') ?? '';
  if (/^postgres(?:ql)?(?:\+\w+)?:/u.test(url)) return postgresOf(url);
  const sqlitePath = /^sqlite(?:\+\w+)?:\/\/\/(.*)$/u.exec(url)?.[1];
  if (url !== '' && sqlitePath === undefined) {
    throw new AppError(
      'refused',
      'DATABASE_URL in .env names neither Postgres nor SQLite. Only these two can be backed up.',
    );
  }
  const named = sqlitePath ?? env.get('TRINITY_DB_PATH') ?? '';
  const path = posix.normalize(named === '' ? usualPath : named);
  if (!path.startsWith(containerData) || path.endsWith('/') || path.includes('\0')) {
    throw new AppError(
      'refused',
      'The database path in .env (TRINITY_DB_PATH or DATABASE_URL) does not lie in /data. Move the database below /data.',
    );
  }
  return { kind: 'sqlite', path: path.slice(containerData.length) };
}

/** The password is not taken over. */
function postgresOf(url: string): InstallDatabase {
  const parsed = URL.parse(url.replace(/^postgres(?:ql)?(?:\+\w+)?:/u, 'http:'));
  if (parsed === null) {
    const message =
      'DATABASE_URL names a Postgres, but is no URL. Write it as postgresql://user:password@host/database.';
    throw new AppError('refused', message);
  }
  const user = decoded(parsed.username) || 'trinity';
  return {
    kind: 'postgres',
    container: undefined,
    host: parsed.hostname,
    port: parsed.port === '' ? postgresPort : Number(parsed.port),
    user,
    // As libpq has it: without a name the database is called like the user.
    database: decoded(parsed.pathname.replace(/^\//u, '')) || user,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray % stands for itself.
    return text;
  }
}
