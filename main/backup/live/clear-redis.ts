import { messageOf } from '../../../shared/lib/app-error.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { openDockerEngine } from '../../trinity/docker/docker-engine.ts';
import type { TrinityInstall } from '../../trinity/install.ts';

const container = 'trinity-redis';
const passwordKey = 'REDIS_PASSWORD';
const limitMs = 30_000;
const maxAnswer = 200;

/**
 * Empties Trinity's redis while nobody uses it: its locks, slots and sessions point at rows that the restored database need not have, and all
 * of it is made anew. Nothing happens where there is none. Never rejects: the database is restored by then.
 */
export async function clearRedis({ engine: place, env }: TrinityInstall): Promise<readonly Finding[]> {
  if (place === undefined) return [];
  const signal = AbortSignal.timeout(limitMs);
  try {
    const engine = await openDockerEngine(place.host);
    const redis = await engine.inspectContainer(container, signal);
    if (redis === undefined) return [];
    if (redis.state !== 'running') return [notCleared('it does not run')];
    const password = env.get(passwordKey) ?? '';
    const environment = password === '' ? {} : { REDISCLI_AUTH: password };
    const command = ['redis-cli', 'FLUSHALL'];
    await using process = await engine.exec(redis.id, { command, environment, silenceMs: limitMs }, signal);
    let said = '';
    for await (const part of process.stdout) said = (said + String(part)).slice(0, maxAnswer);
    return said.trim() === 'OK' ? [] : [notCleared(said.trim() === '' ? 'it does not answer' : said.trim())];
  } catch (error) {
    return [notCleared(messageOf(error))];
  }
}

function notCleared(why: string): Finding {
  const message = `Trinity's redis still holds locks and sessions of before the restore (${why}). Run docker exec ${container} redis-cli FLUSHALL with its password.`;
  return { code: 'redis-not-cleared', message, component: 'persistence' };
}
