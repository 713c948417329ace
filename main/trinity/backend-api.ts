import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { AppError, messageOf } from '../../shared/lib/app-error.ts';
import type { ContainerFacts } from './docker/engine-facts.ts';

/** What Trinity's backend says of itself. `pending`: the migration that has to run first. */
export type BackendHealth =
  | Readonly<{ state: 'healthy' }>
  | Readonly<{ state: 'migrating'; pending: string }>
  | Readonly<{ state: 'unhealthy'; reason: string }>;

export type BackendPlace = Readonly<{ url: string; user: string; password: string }>;

type Answer = Readonly<{ status: number; body: unknown }>;

const answerLimitMs = 30_000;
/** An agent's container is made, started and asked for its health before the backend answers. */
const startLimitMs = 180_000;
const pollMs = 500;
const maxAnswerBytes = 4 * 1024 * 1024;
const tokenShape = z.object({ access_token: z.string().min(1).max(8192) });
const migrationsShape = z.object({
  migrations: z.object({ pending: z.union([z.string(), z.array(z.string())]).optional() }).loose(),
});
const agentShape = z.object({ status: z.string().max(100) });
const softDeletedShape = z.array(z.object({ agent_name: z.string().max(255) }));

/** Where the backend of an install answers on this host, by its container's published port, and who may ask it. */
export function backendPlace(
  container: Pick<ContainerFacts, 'publishedPorts'> | undefined,
  env: ReadonlyMap<string, string>,
): BackendPlace {
  const port = container?.publishedPorts.find(({ containerPort }) => containerPort === '8000/tcp');
  const isEverywhere = ['', '0.0.0.0', '::'].includes(port?.hostIp ?? '');
  const host = isEverywhere ? '127.0.0.1' : (port?.hostIp ?? '');
  const address = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${address}:${port?.hostPort ?? '8000'}`,
    user: env.get('ADMIN_USERNAME') || 'admin',
    password: env.get('ADMIN_PASSWORD') ?? '',
  };
}

/** The few calls of Trinity's API that a restore needs. Neither password nor token is ever in an error. */
export class BackendApi {
  readonly #place: BackendPlace;
  #token: string | undefined;

  constructor(place: BackendPlace) {
    this.#place = place;
  }

  async health(signal: AbortSignal): Promise<BackendHealth> {
    let answer: Answer;
    try {
      answer = await this.#ask({ method: 'GET', path: '/health' }, signal);
    } catch (error) {
      signal.throwIfAborted();
      return { state: 'unhealthy', reason: messageOf(error) };
    }
    if (answer.status === 200) return { state: 'healthy' };
    const { data } = migrationsShape.safeParse(answer.body);
    if (answer.status === 503 && data !== undefined) {
      const pending = [data.migrations.pending ?? []].flat()[0] ?? 'unknown';
      return { state: 'migrating', pending: pending.slice(0, 200) };
    }
    return { state: 'unhealthy', reason: `it answers with status ${String(answer.status)}` };
  }

  /** Asks until it is healthy, for `limitMs` at most, and gives the last answer. */
  async healthWithin(limitMs: number, signal: AbortSignal): Promise<BackendHealth> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const health = await this.health(signal);
      if (health.state === 'healthy' || performance.now() > deadline) return health;
      await delay(pollMs, undefined, { signal });
    }
  }

  /** Starts an agent; Trinity makes its container anew from its row where there is none. */
  async startAgent(agent: string, signal: AbortSignal): Promise<void> {
    await this.#do(`start the agent ${agent}`, `/api/agents/${encodeURIComponent(agent)}/start`, signal);
  }

  /** How an agent does: `running`, `paused`, `stopped`, or whatever else Trinity says. `not-found` where it has none. */
  async agentStatus(agent: string, signal: AbortSignal): Promise<string> {
    const path = `/api/agents/${encodeURIComponent(agent)}`;
    const { body } = await this.#signedIn({ method: 'GET', path }, `show the agent ${agent}`, signal);
    return agentShape.safeParse(body).data?.status ?? 'unknown';
  }

  async stopAgent(agent: string, signal: AbortSignal): Promise<void> {
    await this.#do(`stop the agent ${agent}`, `/api/agents/${encodeURIComponent(agent)}/stop`, signal);
  }

  /** Makes an agent with its row and an empty volume; it runs afterwards. */
  async createAgent(agent: string, signal: AbortSignal): Promise<void> {
    await this.#do(`create the agent ${agent}`, '/api/agents', signal, { name: agent });
  }

  /** Deletes an agent as Trinity does it: its row is kept for a while, and its volumes with it. */
  async deleteAgent(agent: string, signal: AbortSignal): Promise<void> {
    const path = `/api/agents/${encodeURIComponent(agent)}`;
    await this.#signedIn(
      { method: 'DELETE', path, limitMs: startLimitMs },
      `delete the agent ${agent}`,
      signal,
    );
  }

  /** Names of the agents that were deleted and not purged yet. */
  async softDeleted(signal: AbortSignal): Promise<readonly string[]> {
    const asked = { method: 'GET', path: '/api/admin/soft-deleted/agents' } as const;
    const { body } = await this.#signedIn(asked, 'list deleted agents', signal);
    const rows = softDeletedShape.safeParse(body);
    if (rows.success) return rows.data.map(({ agent_name: name }) => name);
    throw new AppError(
      'failed',
      'Trinity lists its deleted agents in a way that is not known here. Recover them in Trinity.',
    );
  }

  async recoverAgent(agent: string, signal: AbortSignal): Promise<void> {
    const path = `/api/admin/soft-deleted/agents/${encodeURIComponent(agent)}/recover`;
    await this.#do(`recover the agent ${agent}`, path, signal);
  }

  async #do(doing: string, path: string, signal: AbortSignal, body?: unknown): Promise<void> {
    await this.#signedIn({ method: 'POST', path, body, limitMs: startLimitMs }, doing, signal);
  }

  async #signedIn(request: Request, doing: string, signal: AbortSignal): Promise<Answer> {
    this.#token ??= await this.#signIn(signal);
    const answer = await this.#ask({ ...request, token: this.#token }, signal);
    // A token does not outlive the backend that gave it.
    if (answer.status === 401) this.#token = undefined;
    if (answer.status < 400) return answer;
    const message = `Trinity could not ${doing} (status ${String(answer.status)}). Look into the log of its backend.`;
    throw new AppError(answer.status === 404 ? 'not-found' : 'failed', message, {
      details: { status: answer.status },
    });
  }

  async #signIn(signal: AbortSignal): Promise<string> {
    const { user, password } = this.#place;
    if (password === '') throw noSignIn('ADMIN_PASSWORD is not set in .env');
    const form = new URLSearchParams({ username: user, password });
    const { status, body } = await this.#ask({ method: 'POST', path: '/api/token', form }, signal);
    if (status === 403) throw noSignIn('it asks for a second factor');
    if (status === 401) throw noSignIn('it does not take ADMIN_PASSWORD of .env');
    const token = tokenShape.safeParse(body);
    if (status === 200 && token.success) return token.data.access_token;
    throw noSignIn(`it answers with status ${String(status)}`);
  }

  async #ask({ method, path, form, body, token, limitMs }: Request, signal: AbortSignal): Promise<Answer> {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const content = form ?? (body === undefined ? undefined : JSON.stringify(body));
    try {
      const response = await fetch(`${this.#place.url}${path}`, {
        method,
        headers,
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs ?? answerLimitMs)]),
        ...(content === undefined ? {} : { body: content }),
      });
      return { status: response.status, body: await readJson(response) };
    } catch (error) {
      signal.throwIfAborted();
      // What fetch says of a failure may repeat what it was given.
      const message = `Trinity's backend does not answer at ${this.#place.url}. Check that it runs.`;
      throw new AppError('unavailable', message, { details: { code: codeOf(error) } });
    }
  }
}

type Request = Readonly<{
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  form?: URLSearchParams;
  body?: unknown;
  token?: string;
  limitMs?: number;
}>;

/** Undefined for what is no JSON, or too much. */
async function readJson(response: Response): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.byteLength;
    if (bytes > maxAnswerBytes) return undefined;
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    // An error page of a proxy, say: the status tells.
    return undefined;
  }
}

function noSignIn(why: string): AppError {
  return new AppError(
    'refused',
    `Trinity's backend does not let us in: ${why}. Do this step in Trinity itself.`,
  );
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
}
