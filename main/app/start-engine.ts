import { AppError } from '../../shared/lib/app-error.ts';
import type { FileLock } from '../platform/file-lock.ts';
import { EngineServer } from './channel/engine-server.ts';
import { Engine, type EngineOptions } from './engine.ts';
import type { Home } from './home/home.ts';
import type { OperationOptions } from './operation.ts';
import { type InputOf, isOperationName, type OperationName } from './operations/operations.ts';
import { runOperation } from './operations/run-operation.ts';
import { recoverAndTell } from './recovery/recover-and-tell.ts';

export type StartEngineOptions = EngineOptions &
  Readonly<{
    /** Is told what was put right before the first operation ran. */
    onNotice: (message: string) => void;
    /** What the operations of attached commands get, from what their commands gave. */
    optionsOf?: (options: OperationOptions) => OperationOptions;
  }>;

/** An engine at work. Disposing waits for the commands that attached to it, then gives the home's lock back. */
export type StartedEngine = AsyncDisposable &
  Readonly<{
    engine: Engine;
    server: EngineServer;
    /** Resolves when what interrupted runs left is put right, and told; until then the engine lets nobody write. */
    recovered: Promise<void>;
  }>;

/** Starts the engine of a home whose lock is held: it puts right what interrupted runs left, and answers meanwhile. */
export async function startEngine(
  home: Home,
  lock: FileLock,
  options: StartEngineOptions,
): Promise<StartedEngine> {
  const { onNotice: tell, optionsOf = (given) => given, ...engineOptions } = options;
  await using parts = new AsyncDisposableStack();
  parts.use(lock);
  const engine = parts.use(new Engine(home, engineOptions));
  const onNotice = (message: string): void => {
    engine.log.of('engine').warn({}, message);
    tell(message);
  };
  const { problem } = await engine.settings.read();
  if (problem !== undefined) onNotice(problem);
  const recovered = (await engine.recovery.isNeeded())
    ? recoverAndTell(engine, onNotice, {
        onWait: () => onNotice('Waiting for the process that puts an interrupted restore right.'),
      })
    : Promise.resolve();
  // It may fail before anybody waits for it.
  recovered.catch(() => undefined);
  parts.defer(async () => void (await Promise.allSettled([recovered])));
  const server = parts.use(
    await EngineServer.listen(home.socketFile, async (request, given) => {
      const { operation, input } = request;
      if (!isOperationName(operation)) throw new AppError('usage', `There is no operation ${operation}.`);
      if (request.passphrase !== undefined) engine.offerPassphrase(request.passphrase);
      // It comes from outside: the operation checks it.
      return await runOperation(engine, operation, input as InputOf<OperationName>, optionsOf(given));
    }),
  );
  const ending = parts.move();
  return { engine, server, recovered, [Symbol.asyncDispose]: async () => await ending.disposeAsync() };
}
