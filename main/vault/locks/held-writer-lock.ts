import { AppError } from '../../../shared/lib/app-error.ts';
import type { FileLock } from '../../platform/file-lock.ts';
import type { Storage } from '../../storage/storage.ts';
import { lostHeartbeats, readLock, renderLockRecord } from './lock-record.ts';
import { generationOf } from './writer-claim.ts';
import type { Claim } from './writer-claim.ts';

export type HeldWriterLockParts = Readonly<{
  claim: Claim;
  /** Held as long as this lock: its end tells this host that the owner has died. */
  hostLock: FileLock;
  storage: Storage;
  heartbeatMs: number;
  elapsedMs: () => number;
}>;

/** How long a storage that is away may keep whoever ends: what is not given back ends by itself. */
export const releaseMs = 10_000;

/** A taken writer lock and its heartbeat. */
export class HeldWriterLock {
  readonly generation: number;
  readonly signal: AbortSignal;
  readonly #parts: HeldWriterLockParts;
  readonly #lost = new AbortController();
  /** Ends the storage calls of heartbeats, when the lock is lost or released. */
  readonly #ended = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #lastBeatMs: number;
  #beating: Promise<void> | undefined;
  #isDisposed = false;

  constructor(parts: HeldWriterLockParts) {
    this.generation = parts.claim.generation;
    this.signal = this.#lost.signal;
    this.#parts = parts;
    this.#lastBeatMs = parts.elapsedMs();
    this.#timer = setInterval(() => this.#tick(), parts.heartbeatMs);
    // A process that has nothing else to do may end: its lock ends with it.
    this.#timer.unref();
  }

  async assertHeld(): Promise<void> {
    this.#assertFresh();
    await this.#assertOurs(this.#lost.signal);
    this.#assertFresh();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    clearInterval(this.#timer);
    this.#ended.abort();
    await this.#beating;
    try {
      await this.#giveBack();
    } catch {
      // The storage is away: the record ends by its age, or on this host by the lock that is released now.
    } finally {
      await this.#parts.hostLock[Symbol.asyncDispose]();
    }
  }

  /** The timer looks at the time even while a heartbeat hangs in a dead network share. */
  #tick(): void {
    if (this.#isOverdue()) {
      this.#lose('no sign of life could be written for too long');
      return;
    }
    this.#beating ??= this.#beat().finally(() => {
      this.#beating = undefined;
    });
  }

  async #beat(): Promise<void> {
    const { claim, storage, elapsedMs } = this.#parts;
    const signal = this.#ended.signal;
    const startedMs = elapsedMs();
    try {
      await this.#assertOurs(signal);
      await storage.put(claim.name, [renderLockRecord(claim.record)], { signal });
      this.#lastBeatMs = startedMs;
    } catch {
      // A storage that is away for a moment: the next beat tries again, until the lock counts as lost.
    }
  }

  #assertFresh(): void {
    if (this.#isOverdue()) this.#lose('no sign of life could be written for too long');
    if (this.#lost.signal.aborted) throw this.#lost.signal.reason;
  }

  #isOverdue(): boolean {
    return this.#parts.elapsedMs() - this.#lastBeatMs > this.#parts.heartbeatMs * lostHeartbeats;
  }

  async #assertOurs(signal: AbortSignal): Promise<void> {
    if (await this.#isOurs(signal)) return;
    this.#lose('another run took it over');
    throw this.#lost.signal.reason;
  }

  async #isOurs(signal: AbortSignal): Promise<boolean> {
    return !(await this.#isOutrun(signal)) && (await this.#isRecordOurs(signal));
  }

  /** Whether somebody has taken a higher generation. */
  async #isOutrun(signal: AbortSignal): Promise<boolean> {
    const { claim, storage } = this.#parts;
    for await (const { name } of storage.list('locks/', { signal })) {
      if ((generationOf(name) ?? 0) > claim.generation) return true;
    }
    return false;
  }

  async #isRecordOurs(signal: AbortSignal): Promise<boolean> {
    const { claim, storage } = this.#parts;
    const own = await readLock(storage, claim.name, signal);
    return own?.record?.owner === claim.record.owner && own.record.state === 'held';
  }

  #lose(reason: string): void {
    clearInterval(this.#timer);
    const message = `The lock of the vault at ${this.#parts.storage.location} was lost (${reason}). Start the run again.`;
    this.#lost.abort(new AppError('failed', message, { details: { lockLost: true } }));
    this.#ended.abort();
  }

  /** The last record of all stays, as released, so that the next generation is higher; one that was overtaken goes. */
  async #giveBack(): Promise<void> {
    const { claim, storage } = this.#parts;
    const signal = AbortSignal.timeout(releaseMs);
    if (!(await this.#isRecordOurs(signal))) return;
    if (await this.#isOutrun(signal)) {
      await storage.delete(claim.name, { signal });
      return;
    }
    await storage.put(claim.name, [renderLockRecord({ ...claim.record, state: 'released' })], { signal });
    // Whoever was killed while the reserve was given back has left none.
    await storage.restoreReserve();
  }
}
