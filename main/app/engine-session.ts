import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../shared/lib/app-error.ts';
import { tryLockFile } from '../platform/file-lock.ts';
import { version } from '../platform/version.ts';
import { runInEngine } from './channel/engine-client.ts';
import { openHome } from './home/home.ts';
import type { OperationOptions } from './operation.ts';
import type { InputOf, OperationName, ResultOf } from './operations/operations.ts';
import { type StartedEngine, startEngine } from './start-engine.ts';
import { runOperation } from './operations/run-operation.ts';

const retryMs = 20;
/** An engine that starts or ends is gone through in less. */
const patienceMs = 30_000;

type SessionOptions = Readonly<{
  homeFolder: string;
  /** Opens the vault where the device key does not. */
  passphrase: string | undefined;
  /** Is told what was put right before the first operation ran. */
  onNotice: (message: string) => void;
}>;

/**
 * One command's way to the engine of its home: it is the engine when there is none, else it attaches to the one that is
 * there. Disposing waits for the commands that attached to it meanwhile.
 */
export class EngineSession implements AsyncDisposable {
  readonly #options: SessionOptions;
  #own: StartedEngine | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Runs one operation; rejects with its error, or `busy` when no engine could be had for half a minute. */
  async run<Name extends OperationName>(
    name: Name,
    input: InputOf<Name>,
    options: OperationOptions,
  ): Promise<ResultOf<Name>> {
    if (this.#own !== undefined) return await runHere(this.#own, name, input, options);
    const home = await openHome(this.#options.homeFolder);
    const triesUntil = performance.now() + patienceMs;
    while (performance.now() < triesUntil) {
      options.signal.throwIfAborted();
      const lock = await tryLockFile(home.lockFile);
      if (lock !== undefined) {
        const { passphrase, onNotice } = this.#options;
        this.#own = await startEngine(home, lock, { passphrase, onNotice });
        return await runHere(this.#own, name, input, options);
      }
      const answer = await runInEngine(home.socketFile, this.#request(name, input), options);
      // Engine and command are of one version (checked by the engine), so its result is of the type that we know.
      if (answer !== undefined) return answer.result as ResultOf<Name>;
      await delay(retryMs);
    }
    throw new AppError(
      'busy',
      `The engine of ${home.folder} does not answer: try again in a minute, and if it stays so, end the process that holds engine.lock.`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const own = this.#own;
    this.#own = undefined;
    await own?.[Symbol.asyncDispose]();
  }

  #request(operation: OperationName, input: unknown) {
    const { passphrase } = this.#options;
    return { version, operation, input, ...(passphrase === undefined ? {} : { passphrase }) };
  }
}

/** What interrupted runs left is put right first: those who attach meanwhile are told so, this one waits for it. */
async function runHere<Name extends OperationName>(
  { engine, recovered }: StartedEngine,
  name: Name,
  input: InputOf<Name>,
  options: OperationOptions,
): Promise<ResultOf<Name>> {
  await recovered;
  return await runOperation(engine, name, input, options);
}
