import { Agent, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { EngineAddress } from './engine-address.ts';
import {
  answerError,
  cancelledError,
  connectionError,
  stalledError,
  unreadableAnswer,
  type Doing,
} from './engine-error.ts';
import { readBounded } from './engine-stream.ts';

export type EngineRequest = Readonly<{
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  query?: Readonly<Record<string, string | number | boolean>>;
  /** Sent as JSON. */
  body?: Readonly<Record<string, unknown>>;
  /** Sent as a tar archive. */
  upload?: Readable;
  /** Longest wait for the answer to begin, and for each part of it, in ms; 0 waits for ever. */
  stallMs?: number;
  /** Asks for a raw connection in both directions. */
  hijack?: boolean;
  /** Words that follow "Docker could not". */
  doing: string;
  secrets?: readonly string[];
}>;

/** One HTTP connection for each request: what is cut off harms nothing else. */
export type EngineTransport = Readonly<{
  url: string;
  /** The answer as checked JSON. */
  json: <Shape extends z.ZodType>(
    request: EngineRequest,
    shape: Shape,
    signal: AbortSignal,
  ) => Promise<z.output<Shape>>;
  /** Like `json`, undefined when the engine knows no such thing (404). */
  find: <Shape extends z.ZodType>(
    request: EngineRequest,
    shape: Shape,
    signal: AbortSignal,
  ) => Promise<z.output<Shape> | undefined>;
  /** Waits for the end of the answer and gives its text. */
  text: (request: EngineRequest, signal: AbortSignal) => Promise<string>;
  /** An answer whose body is still to be read; its status is below 400. */
  open: (request: EngineRequest, signal: AbortSignal) => Promise<IncomingMessage>;
  /** The raw connection that a hijacked request becomes. */
  upgrade: (request: EngineRequest, signal: AbortSignal) => Promise<Socket>;
}>;

/** What we use of docker-modem, whose types lack some of its options. */
type Dial = (
  options: Readonly<Record<string, unknown>>,
  done: (error: unknown, answer: unknown) => void,
) => void;

const defaultStallMs = 60_000;
/** Thousands of containers or volumes fit; a broken or hostile engine cannot fill the memory. */
const maxAnswerBytes = 64 * 1024 * 1024;
const maxErrorBytes = 64 * 1024;
// Every status is passed on, to be judged here.
const allStatuses = new Proxy({}, { get: () => true });

/**
 * The connection to an engine. dockerode carries the requests; its own calls are not used, for they gather answers without a bound,
 * cannot be cut off midway, and print containers' environments under DEBUG=modem.
 */
export async function openTransport(
  address: EngineAddress,
  limitMs = defaultStallMs,
): Promise<EngineTransport> {
  const dial = await openDial(address);
  const { url } = address;
  const send = async (request: EngineRequest, signal: AbortSignal): Promise<IncomingMessage | Socket> => {
    const doing: Doing = { ...request, url };
    const answer = await dialled({ dial, request, doing, signal, stallMs: request.stallMs ?? limitMs });
    if (answer instanceof Socket) return answer;
    if (answer.statusCode !== undefined && answer.statusCode < 400) return answer;
    const bounds = { maxBytes: maxErrorBytes, stallMs: request.stallMs ?? limitMs, doing, signal };
    throw answerError(answer.statusCode ?? 0, (await readBounded(answer, bounds)).toString('utf8'), doing);
  };
  const open = async (request: EngineRequest, signal: AbortSignal): Promise<IncomingMessage> => {
    const answer = await send(request, signal);
    if (answer instanceof IncomingMessage) return answer;
    answer.destroy();
    throw unreadableAnswer({ ...request, url });
  };
  const text = async (request: EngineRequest, signal: AbortSignal): Promise<string> => {
    const answer = await open(request, signal);
    const doing: Doing = { ...request, url };
    const bounds = { maxBytes: maxAnswerBytes, stallMs: request.stallMs ?? limitMs, doing, signal };
    return (await readBounded(answer, bounds)).toString('utf8');
  };
  const json: EngineTransport['json'] = async (request, shape, signal) => {
    const parsed = shape.safeParse(parseJson(await text(request, signal)));
    // What zod says may quote the answer, which may hold an environment: it is not passed on.
    if (!parsed.success) throw unreadableAnswer({ ...request, url });
    return parsed.data;
  };
  const upgrade = async (request: EngineRequest, signal: AbortSignal): Promise<Socket> => {
    const answer = await send({ ...request, hijack: true }, signal);
    if (answer instanceof Socket) return answer;
    answer.destroy();
    throw unreadableAnswer({ ...request, url });
  };
  return { url, open, text, json, upgrade, find: async (...parts) => await orAbsent(json(...parts)) };
}

async function orAbsent<Result>(asked: Promise<Result>): Promise<Result | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof AppError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

async function openDial(address: EngineAddress): Promise<Dial> {
  // Late: it takes a good part of a second that commands without an engine need not wait for.
  const { default: Dockerode } = await import('dockerode');
  // Whatever is left out here dockerode would take from the environment.
  const none = { host: undefined, port: undefined, socketPath: undefined, timeout: undefined };
  const place =
    address.kind === 'socket' ? { socketPath: address.path } : { host: address.host, port: address.port };
  const options = { ...none, ...place, protocol: 'http', pathPrefix: '/', headers: {}, agent: new Agent() };
  // Its types know neither `undefined` for "none" nor an agent.
  const docker = new Dockerode(options as ConstructorParameters<typeof Dockerode>[0]);
  return docker.modem.dial.bind(docker.modem) as unknown as Dial;
}

type Dialling = Readonly<{
  dial: Dial;
  request: EngineRequest;
  doing: Doing;
  signal: AbortSignal;
  stallMs: number;
}>;

/** Waits for the head of the answer, at most `stallMs` after the last byte that was sent. */
async function dialled({
  dial,
  request,
  doing,
  signal,
  stallMs,
}: Dialling): Promise<IncomingMessage | Socket> {
  if (signal.aborted) throw cancelledError(signal);
  const giveUp = new AbortController();
  const timer = stallMs > 0 ? setTimeout(() => giveUp.abort(), stallMs) : undefined;
  const upload = request.upload === undefined ? undefined : watchedUpload(request.upload, timer);
  const either = AbortSignal.any([signal, giveUp.signal]);
  try {
    return await new Promise((resolve, reject) => {
      dial(dialOptions(request, upload?.stream, either), (error, answer) => {
        if (answer instanceof IncomingMessage || answer instanceof Socket) resolve(answer);
        else reject(error instanceof Error ? error : new Error('The engine gave no answer.'));
      });
    });
  } catch (error) {
    request.upload?.destroy();
    if (upload?.failure() !== undefined) throw upload.failure();
    if (signal.aborted) throw cancelledError(signal);
    if (giveUp.signal.aborted) throw stalledError(stallMs, doing);
    throw connectionError(error, doing);
  } finally {
    clearTimeout(timer);
  }
}

/** docker-modem takes the query from the options where there is a body, else cuts the last character of a path with `?`. */
function dialOptions(
  { method, path, query = {}, body, hijack }: EngineRequest,
  upload: Readable | undefined,
  signal: AbortSignal,
): Readonly<Record<string, unknown>> {
  const pairs = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) pairs.append(key, String(value));
  const target = pairs.size === 0 ? path : `${path}?${pairs.toString()}`;
  return {
    method,
    isStream: true,
    statusCodes: allStatuses,
    abortSignal: signal,
    hijack: hijack === true,
    ...(body === undefined
      ? { path: `${target}?` }
      : { path: `${path}?`, options: { _query: Object.fromEntries(pairs), _body: body }, allowEmpty: true }),
    ...(upload === undefined ? {} : { file: upload }),
  };
}

/** What is sent, putting off the stall limit with each part, and the error of its source, which is not the engine's. */
function watchedUpload(
  source: Readable,
  timer: NodeJS.Timeout | undefined,
): Readonly<{ stream: Readable; failure: () => unknown }> {
  let failure: unknown;
  const parts = async function* (): AsyncGenerator<Buffer> {
    try {
      for await (const part of source) {
        timer?.refresh();
        yield part;
      }
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  return { stream: Readable.from(parts(), { objectMode: false }), failure: () => failure };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // An answer that is no JSON fails the check of its shape, like any other wrong one.
    return undefined;
  }
}
