import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { writeFileAtomic } from '../../platform/atomic-file.ts';
import { httpError } from './problem.ts';
import type { RestAnswer } from './routes/route.ts';

const keptMs = 24 * 3_600_000;
const mostEntries = 1000;

const answerModel = z.strictObject({
  status: z.number().int(),
  body: z.json().optional(),
  headers: z.record(z.string(), z.string()).optional(),
});

const entryModel = z.strictObject({
  fingerprint: z.string(),
  startedMs: z.number(),
  /** Missing: the process ended before there was one. */
  answer: answerModel.optional(),
});

const fileModel = z.strictObject({ version: z.literal(1), entries: z.record(z.string(), entryModel) });

type Entry = z.infer<typeof entryModel>;
type Entries = Readonly<Record<string, Entry>>;

/** `name` is the request's key and what it is asked of; `fingerprint` what it asks. */
export type IdempotentRequest = Readonly<{ name: string; fingerprint: string }>;

export function idempotentRequest(route: string, key: string, content: unknown): IdempotentRequest {
  return { name: sha256([route, key]), fingerprint: sha256(content ?? null) };
}

/**
 * Remembers the answers to requests with a key for a day, also over a restart: one that comes again is answered again, and does not
 * do its work twice. What failed may be tried again with the same key.
 */
export class IdempotencyStore {
  readonly #file: string;
  readonly #now: () => number;
  readonly #underWay = new Map<string, string>();
  #changing: Promise<unknown> = Promise.resolve();

  constructor(file: string, now: () => number) {
    this.#file = file;
    this.#now = now;
  }

  /** `422` for a key that came with something else, `409` while its first request goes on, or was cut off. */
  async run(request: IdempotentRequest, work: () => Promise<RestAnswer>): Promise<RestAnswer> {
    const { name, fingerprint } = request;
    const going = this.#underWay.get(name);
    if (going !== undefined) throw going === fingerprint ? goesOn() : otherContent();
    this.#underWay.set(name, fingerprint);
    try {
      const known = (await this.#read())[name];
      if (known !== undefined) return replayed(known, fingerprint);
      return await this.#firstRun(request, work);
    } finally {
      this.#underWay.delete(name);
    }
  }

  async #firstRun({ name, fingerprint }: IdempotentRequest, work: () => Promise<RestAnswer>) {
    const entry: Entry = { fingerprint, startedMs: this.#now() };
    // Before anything is done: after a kill nobody can say that nothing was.
    await this.#put(name, entry);
    let answer: RestAnswer;
    try {
      answer = await work();
    } catch (error) {
      await this.#putIfPossible(name, undefined);
      throw error;
    }
    await this.#putIfPossible(name, { ...entry, answer: answerModel.parse(stored(answer)) });
    return answer;
  }

  /** The work is done or has failed, whatever the disk says: then the entry stays as one that was cut off. */
  async #putIfPossible(name: string, entry: Entry | undefined): Promise<void> {
    await this.#put(name, entry).catch(() => undefined);
  }

  async #put(name: string, entry: Entry | undefined): Promise<void> {
    const change = async (): Promise<void> => {
      const others = Object.entries(await this.#read()).filter(([other]) => other !== name);
      const all = entry === undefined ? others : [...others, [name, entry] as const];
      const entries = Object.fromEntries(all.slice(-mostEntries));
      await writeFileAtomic(this.#file, [Buffer.from(JSON.stringify({ version: 1, entries }))]);
    };
    const changed = this.#changing.then(change, change);
    this.#changing = changed.catch(() => undefined);
    await changed;
  }

  async #read(): Promise<Entries> {
    let text: string;
    try {
      text = await readFile(this.#file, 'utf8');
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return {};
      throw error;
    }
    const parsed = fileModel.safeParse(parseJson(text));
    // A file that somebody broke is as good as none: keys are then new ones.
    if (!parsed.success) return {};
    const oldestMs = this.#now() - keptMs;
    return Object.fromEntries(
      Object.entries(parsed.data.entries).filter(([, { startedMs }]) => startedMs > oldestMs),
    );
  }
}

function stored({ status, body, headers }: RestAnswer) {
  return { status, ...(body === undefined ? {} : { body }), ...(headers === undefined ? {} : { headers }) };
}

function replayed({ fingerprint, answer }: Entry, wanted: string): RestAnswer {
  if (fingerprint !== wanted) throw otherContent();
  if (answer === undefined) throw wasCutOff();
  const { status, body, headers } = answer;
  return { status, body, headers: { ...headers, 'idempotency-replayed': 'true' } };
}

function goesOn() {
  return httpError(
    409,
    'busy',
    'A request with this Idempotency-Key is still going on: ask again when it is done.',
  );
}

function wasCutOff() {
  return httpError(
    409,
    'busy',
    'The first request with this Idempotency-Key was cut off: look at the list of backups, then use a new key.',
  );
}

function otherContent() {
  return httpError(422, 'usage', 'This Idempotency-Key was used for another request: use a new key.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The same as a file of another shape.
    return undefined;
  }
}

function sha256(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
