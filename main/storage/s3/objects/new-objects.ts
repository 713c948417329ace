import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { cancelled } from '../../bounded-call.ts';
import type { Call } from '../line/s3-calls.ts';
import { codeOf, statusOf } from '../line/s3-error.ts';
import type { S3Parts } from '../line/s3-parts.ts';
import { hashOf } from './body.ts';
import type { ObjectBytes } from './body.ts';
import { readObject } from './s3-read.ts';
import { assertStored, headObject } from './s3-object.ts';
import { putOnce, writeObject } from './s3-write.ts';

/** What a service answers where `If-None-Match: *` does not hold; some older ones say 304. */
const takenStatus: ReadonlySet<number | undefined> = new Set([304, 409, 412]);
/** Names for which others may race; all else is written under the lock, by random names. */
const contested = /^(?:locks|keys)\/|^vault/u;
const slowTries = 3;

/** For services without conditional PUT. */
export type Settle = Readonly<{
  /** How long to wait for rivals. */
  waitMs: number;
  /** Who takes longer from looking to having written gives up: less than rivals wait. */
  slowMs: number;
}>;

const usualSettle: Settle = { waitMs: 4000, slowMs: 2000 };

/**
 * Writes objects only where nothing is. The service does it in one step where it knows conditional PUT, which is tried once, since
 * some ignore it in silence. Where it does not, whoever has written waits until every rival who had seen the free name must have
 * written too, and looks whose object is there: of several the last has it. One who took longer gives up what it wrote.
 */
export class NewObjects {
  readonly #s3: S3Parts;
  readonly #settle: Settle;
  #knows: Promise<boolean> | undefined;

  constructor(s3: S3Parts, settle: Settle = usualSettle) {
    this.#s3 = s3;
    this.#settle = settle;
  }

  /** False when the name was taken. */
  async write(call: Call, parts: readonly Uint8Array[]): Promise<boolean> {
    const object = { name: call.name, parts };
    if (await this.knowsConditions(call)) return await this.#writeInOneStep(call, object);
    return await this.#writeAndSettle(call, object);
  }

  /** Whether the service refuses a conditional PUT where something is. Asked once, under a name that is thrown away. */
  async knowsConditions(call: Call): Promise<boolean> {
    this.#knows ??= this.#probe(call);
    try {
      return await this.#knows;
    } catch (error) {
      this.#knows = undefined;
      throw error;
    }
  }

  async #probe({ operation, options }: Call): Promise<boolean> {
    const name = `tmp/probe-${randomBytes(12).toString('hex')}`;
    const call: Call = { operation, name, options };
    try {
      const isWritten = await this.#tryConditional(call, 'first');
      return isWritten === true && (await this.#tryConditional(call, 'second')) === false;
    } finally {
      await this.#remove(name);
    }
  }

  /** False: refused since something is there. Undefined: the service knows no conditions, or fails over them. */
  async #tryConditional(call: Call, text: string): Promise<boolean | undefined> {
    const parts = [Buffer.from(text)];
    const hash = await hashOf(parts);
    return await this.#s3.calls.again(call, async (attempt) => {
      try {
        await putOnce(this.#s3, { name: call.name, parts, hash, onlyNew: true }, attempt);
        return true;
      } catch (error) {
        const status = statusOf(error);
        if (takenStatus.has(status)) return false;
        if (status === 501 || status === 405 || codeOf(error) === 'NotImplemented') return undefined;
        if (status === 400 && codeOf(error) !== 'RequestTimeout') return undefined;
        throw error;
      }
    });
  }

  async #remove(name: string): Promise<void> {
    const { sdk, client, bucket, keyPrefix } = this.#s3.connection;
    try {
      const command = new sdk.DeleteObjectCommand({ Bucket: bucket, Key: keyPrefix + name });
      await client.send(command, { abortSignal: AbortSignal.timeout(10_000) });
    } catch {
      // The next writer sweeps it.
    }
  }

  /** An answer that got lost makes the next attempt meet our own object: its bytes tell that it is ours. */
  async #writeInOneStep(call: Call, object: ObjectBytes): Promise<boolean> {
    const hash = await hashOf(object.parts);
    return await this.#s3.calls.again(call, async (attempt) => {
      try {
        await putOnce(this.#s3, { ...object, hash, onlyNew: true }, attempt);
      } catch (error) {
        if (!takenStatus.has(statusOf(error))) throw error;
        // Refused, but nothing is there: it was deleted in between, or two collided of whom neither came through.
        if ((await headObject(this.#s3, object.name, attempt)) === undefined) throw collided(this.#s3, error);
        return await this.#isOurs(call, object);
      }
      await assertStored(this.#s3, object, attempt);
      return true;
    });
  }

  async #writeAndSettle(call: Call, object: ObjectBytes): Promise<boolean> {
    for (let number = 1; ; number += 1) {
      const startedMs = performance.now();
      const there = await this.#s3.calls.again(
        call,
        async (attempt) => await headObject(this.#s3, call.name, attempt),
      );
      if (there !== undefined) return false;
      await writeObject(this.#s3, call, object.parts);
      if (!contested.test(call.name)) return true;
      if (performance.now() - startedMs <= this.#settle.slowMs) break;
      // Somebody may have looked in between and gone on: what we wrote over was theirs.
      if (number === slowTries) throw tooSlow(this.#s3);
      if (!(await this.#isOurs(call, object))) return false;
      await this.#remove(call.name);
    }
    await this.#wait(call);
    return await this.#isOurs(call, object);
  }

  async #wait({ options }: Call): Promise<void> {
    const signal = options?.signal;
    try {
      await delay(this.#settle.waitMs, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      throw signal === undefined ? error : cancelled(signal);
    }
  }

  async #isOurs(call: Call, { parts }: ObjectBytes): Promise<boolean> {
    const bytes = Buffer.concat(parts);
    try {
      return (await readObject(this.#s3, call, bytes.length)).equals(bytes);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.kind === 'not-found' || error.details['tooLarge'] === true) return false;
      throw error;
    }
  }
}

function collided({ calls }: S3Parts, cause: unknown): AppError {
  return new AppError('unavailable', `Others write to ${calls.place} at the same time. Try again.`, {
    cause,
    details: { isPassing: true },
  });
}

function tooSlow({ calls }: S3Parts): AppError {
  return new AppError(
    'unavailable',
    `The storage ${calls.place} answers too slowly to be locked safely. Try again later.`,
  );
}
