import { AppError } from '../../../shared/lib/app-error.ts';
import { EngineSession } from '../../app/engine-session.ts';
import { homeFolder } from '../../app/home/home.ts';
import type { InputOf, OperationName, ResultOf } from '../../app/operations/operations.ts';
import type { Progress } from '../../backup/services.ts';
import { ProgressLine } from './output/progress-line.ts';
import type { Terminal } from './terminal.ts';

/** What the action of a command works with: the terminal, and the operations of the home's engine. */
export class CommandHost implements AsyncDisposable {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly homeFolder: string;
  /** From the environment: opens the vault where the device key does not. */
  readonly passphrase: string | undefined;
  /** What was told beside the result, so that no result says it again. */
  readonly told = new Set<string>();
  readonly #session: EngineSession;
  readonly #progressLine: ProgressLine;

  constructor(options: Readonly<{ terminal: Terminal; signal: AbortSignal; home: string | undefined }>) {
    const { terminal, signal, home } = options;
    this.terminal = terminal;
    this.signal = signal;
    this.homeFolder = homeFolder(home, process.env);
    this.passphrase = passphraseOf(process.env);
    this.#session = new EngineSession({
      homeFolder: this.homeFolder,
      passphrase: this.passphrase,
      onNotice: (message) => {
        this.told.add(message);
        terminal.say(message);
      },
    });
    this.#progressLine = new ProgressLine({
      write: (text) => void process.stderr.write(text),
      columns: () => terminal.columns,
    });
  }

  /** Runs an operation in the engine of the home, with its progress shown to whoever watches. */
  async run<Name extends OperationName>(name: Name, input: InputOf<Name>): Promise<ResultOf<Name>> {
    const { signal, terminal } = this;
    const onProgress = (progress: Progress): void => {
      if (terminal.isWatched) this.#progressLine.show(progress);
    };
    try {
      return await this.#session.run(name, input, { signal, onProgress });
    } catch (error) {
      // Deep down an abort shows as many things; what the person did is what is told.
      if (signal.aborted && !(error instanceof AppError)) signal.throwIfAborted();
      throw error;
    } finally {
      this.#progressLine.clear();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}

function passphraseOf(env: NodeJS.ProcessEnv): string | undefined {
  const given = [env['TRINITY_BACKUP_PASSPHRASE'], env['TRINITY_BACKUP_RECOVERY_KEY']];
  return given.find((text) => text !== undefined && text !== '');
}
