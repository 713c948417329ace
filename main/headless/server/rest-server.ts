import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import { appErrorOf } from '../../app/app-error-of.ts';
import type { Application } from '../../app/application.ts';
import { ApiToken } from './api-token.ts';
import { addBrowserDoors } from './browser/browser-doors.ts';
import { BrowserSessions } from './browser/browser-sessions.ts';
import { addErrors, noSuchRoute, sendProblem } from './errors.ts';
import { type Gate, newGate, strictHeaders } from './gate.ts';
import { IdempotencyStore } from './idempotency.ts';
import { httpError, problemOf, problemType } from './problem.ts';
import { RateLimiter } from './rate-limiter.ts';
import { addRestRoutes } from './rest-routes.ts';
import { ServerContext } from './server-context.ts';

const bodyLimit = 1024 * 1024;
/** Nothing in an idle server wakes more often. */
const connectionsCheckingInterval = 60_000;

export type RestServerOptions = Readonly<{
  application: Application;
  /** 0 takes any that is free. */
  port: number;
  /** The built pages; none are shown without. */
  pagesFolder: string | undefined;
  /** The time of limits, links and keys; the application's unless said otherwise. */
  now?: () => number;
  /** Is told every error that was not made for people, in full. */
  onUnexpected: (error: unknown) => void;
}>;

/** REST, the calls of pages and the pages themselves, on loopback. */
export class RestServer implements AsyncDisposable {
  readonly port: number;
  readonly #app: FastifyInstance;
  readonly #sessions: BrowserSessions;

  private constructor(app: FastifyInstance, sessions: BrowserSessions, port: number) {
    this.#app = app;
    this.#sessions = sessions;
    this.port = port;
  }

  /** Resolves when it listens; `unavailable` when the port is taken. */
  static async start(options: RestServerOptions): Promise<RestServer> {
    const { application, onUnexpected } = options;
    const { home, log } = application.engine;
    const now = options.now ?? application.clock.now;
    const token = await ApiToken.open(home.apiTokenFile);
    log.redactor.learn(await token.read());
    const sessions = new BrowserSessions(now);
    const limiter = new RateLimiter(now);
    const gate = newGate({ token, sessions, limiter });
    const app = newApp(gate);
    const parts = {
      context: new ServerContext(application),
      idempotency: new IdempotencyStore(join(home.folder, 'idempotency.json'), now),
    };
    // Node's own answer would have no body.
    app.server.on('checkExpectation', (request, response) => app.routing(request, response));
    addErrors(app, onUnexpected);
    app.addHook('onRequest', gate);
    addRestRoutes(app, parts);
    await addBrowserDoors(app, { application, token, sessions, pagesFolder: options.pagesFolder });
    const port = await listen(app, options.port);
    return new RestServer(app, sessions, port);
  }

  get address(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  /** A link that opens the pages once, within the hour. */
  newLink(): string {
    return `${this.address}/open/${this.#sessions.newCode()}`;
  }

  /** Ends open connections too: what they began goes on as long as the application does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app.close();
  }
}

function newApp(gate: Gate): FastifyInstance {
  return fastify({
    logger: false,
    bodyLimit,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    // Of receiving a request, not of answering it.
    requestTimeout: 60_000,
    // As long as an address can be: what is too long for an id is refused as any other that is none.
    routerOptions: { maxParamLength: 16_384 },
    // An address that does not decode has no route, and passes the gate all the same.
    frameworkErrors: (_error, request, reply) => void refuseAddress(gate, request, reply),
    http: { connectionsCheckingInterval },
    clientErrorHandler: (_error, socket) => refuseNoHttp(socket),
  });
}

async function listen(app: FastifyInstance, port: number): Promise<number> {
  try {
    await app.listen({ host: '127.0.0.1', port });
  } catch (error) {
    await app.close();
    throw portError(error, port);
  }
  const [address] = app.addresses();
  if (address === undefined || typeof address === 'string') throw new Error('it listens on a port');
  return address.port;
}

/** `unavailable` when the port is taken just now. */
export async function assertPortFree(port: number): Promise<void> {
  const server = createServer();
  try {
    server.listen({ host: '127.0.0.1', port });
    await once(server, 'listening');
  } catch (error) {
    throw portError(error, port);
  } finally {
    server.close();
  }
}

function portError(error: unknown, port: number): unknown {
  if (!hasCode(error, 'EADDRINUSE', 'EACCES')) return error;
  const why = hasCode(error, 'EACCES') ? 'may not be used by this user' : 'is taken by another program';
  return new AppError('unavailable', `Port ${String(port)} ${why}: choose another with --port.`);
}

async function refuseAddress(gate: Gate, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  try {
    await gate(request, reply);
    await sendProblem(reply, noSuchRoute());
  } catch (error) {
    await sendProblem(reply, appErrorOf(error));
  }
}

/** What came is no HTTP, or not in time: nobody knows what was asked. */
function refuseNoHttp(socket: Socket): void {
  if (!socket.writable) return;
  const body = JSON.stringify(problemOf(httpError(400, 'usage', 'This is no HTTP that is understood here.')));
  const strict = Object.entries(strictHeaders).map(([name, value]) => `${name}: ${value}`);
  const head = ['HTTP/1.1 400 Bad Request', `content-type: ${problemType}`, ...strict, 'connection: close'];
  socket.end(`${head.join('\r\n')}\r\ncontent-length: ${String(body.length)}\r\n\r\n${body}`);
}
