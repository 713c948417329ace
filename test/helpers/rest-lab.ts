import { request } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll } from 'vitest';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Application } from '../../main/app/application.ts';
import type { Clock } from '../../main/platform/clock.ts';
import { readApiToken } from '../../main/app/home/api-token.ts';
import { RestServer } from '../../main/headless/server/rest-server.ts';
import { writeCrashInstall } from '../integration/crash/crash-install.ts';
import { removeFolder } from './temp-folder.ts';

export type Answer = Readonly<{
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
  /** Undefined where it is no JSON. */
  json: unknown;
}>;

export type Asked = Readonly<{
  method?: string;
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** Sent as it is when it is text, else as JSON. */
  body?: unknown;
  /** With the token, unless said otherwise. */
  isKnown?: boolean;
}>;

type StartOptions = Readonly<{ pagesFolder?: string; now?: () => number; clock?: Clock }>;

const mostSent = 1024 * 1024;

/** An install, its home and vault, and the server of that home, in this process. */
export class RestLab {
  readonly base: string;
  readonly unexpected: unknown[] = [];
  #application: Application | undefined;
  #server: RestServer | undefined;
  #token = '';
  #options: StartOptions = {};
  /** 0 takes any that is free. */
  #port = 0;

  constructor(base: string) {
    this.base = base;
  }

  get home(): string {
    return path.join(this.base, 'home');
  }

  get install(): string {
    return path.join(this.base, 'trinity');
  }

  get volumes(): string {
    return path.join(this.base, 'volumes');
  }

  get application(): Application {
    if (this.#application === undefined) throw new Error('The lab is not started.');
    return this.#application;
  }

  get server(): RestServer {
    if (this.#server === undefined) throw new Error('The lab is not started.');
    return this.#server;
  }

  get token(): string {
    return this.#token;
  }

  async start(options: StartOptions = {}): Promise<void> {
    this.#options = options;
    const { clock } = options;
    const onUnexpected = (error: unknown): void => void this.unexpected.push(error);
    this.#application = await Application.start({
      homeFolder: this.home,
      passphrase: undefined,
      onNotice: onUnexpected,
      signal: new AbortController().signal,
      ...(clock === undefined ? {} : { clock }),
    });
    await this.serve();
    this.#token = (await readApiToken(this.application.engine.home.apiTokenFile)) ?? '';
  }

  /** Nobody answers any more; what the application does goes on. */
  async hangUp(): Promise<void> {
    this.#port = this.server.port;
    await this.server[Symbol.asyncDispose]();
    this.#server = undefined;
  }

  /** Answers, where it did before. */
  async serve(): Promise<void> {
    const { pagesFolder, now } = this.#options;
    this.#server = await RestServer.start({
      application: this.application,
      port: this.#port,
      pagesFolder,
      onUnexpected: (error) => void this.unexpected.push(error),
      ...(now === undefined ? {} : { now }),
    });
  }

  /** The process ends, and another one takes its place. */
  async restart(): Promise<void> {
    if (this.#server !== undefined) await this.hangUp();
    await this.application.stop();
    await this.start(this.#options);
  }

  /** An install, and a vault for it. */
  async setUp(): Promise<void> {
    writeCrashInstall(this);
    const options = { signal: new AbortController().signal, onProgress: () => undefined };
    const { install: folder, volumes: volumesRoot } = this;
    const docker = { env: {}, home: this.base };
    await this.application.run('install', { folder, volumesRoot, lookIn: [], docker }, options);
    await this.application.run('init', { location: path.join(this.base, 'vault') }, options);
    // A first backup of the schedule would be in the way of those of the tests.
    await this.application.run('settingsSet', { path: ['enabled'], value: false }, options);
  }

  async stop(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    await this.#application?.stop();
  }

  async ask(asked: Asked): Promise<Answer> {
    const { method = 'GET', path: where, headers = {}, body, isKnown = true } = asked;
    const content = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const sent = request({
      host: '127.0.0.1',
      port: this.server.port,
      method,
      path: where,
      headers: {
        ...(isKnown ? { authorization: `Bearer ${this.#token}` } : {}),
        ...(content === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(content)) }),
        ...headers,
      },
    });
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    sent.on('error', reject);
    sent.on('response', (response) => {
      const { statusCode = 0, headers: answered } = response;
      const read = async (): Promise<Answer> => {
        const said = await text(response);
        return { status: statusCode, headers: answered, text: said, json: parsed(said) };
      };
      read().then(resolve, reject);
    });
    // What is too large is only announced: a server that refuses it does not read on.
    if ((content?.length ?? 0) > mostSent) sent.flushHeaders();
    else sent.end(content);
    try {
      return await promise;
    } finally {
      sent.destroy();
    }
  }
}

/** One lab for all tests of a file. */
export function sharedRestLab(
  options: Readonly<{
    isSetUp: boolean;
    pagesFolder?: (base: string) => string;
    now?: () => number;
    clock?: Clock;
  }>,
): () => RestLab {
  let lab: RestLab | undefined;
  beforeAll(async () => {
    lab = new RestLab(await mkdtemp(path.join(tmpdir(), 'trinity-test-')));
    const pagesFolder = options.pagesFolder?.(lab.base);
    const { now, clock } = options;
    await lab.start({
      ...(clock === undefined ? {} : { clock }),
      ...(pagesFolder === undefined ? {} : { pagesFolder }),
      ...(now === undefined ? {} : { now }),
    });
    if (options.isSetUp) await lab.setUp();
  });
  afterAll(async () => {
    await lab?.stop();
    if (lab !== undefined) await removeFolder(lab.base);
  });
  return () => {
    if (lab === undefined) throw new Error('The lab is not started.');
    return lab;
  };
}

function parsed(said: string): unknown {
  try {
    return JSON.parse(said);
  } catch {
    return undefined;
  }
}
