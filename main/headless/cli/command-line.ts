import { Command, CommanderError } from 'commander';
import { AppError } from '../../../shared/lib/app-error.ts';
import { version } from '../../platform/version.ts';
import { CommandHost } from './command-host.ts';
import { addCommands } from './commands/commands.ts';
import type { Act } from './commands/act.ts';
import { failureOf } from './failure.ts';
import { watchOutput, flushOutput, type OutputOptions, Terminal } from './terminal.ts';

type GlobalOptions = Readonly<{ home?: string; json?: boolean; quiet?: boolean; color: boolean }>;

/** Runs one command; its exit code is the process's when this resolves. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  // Whoever lists processes need not see the key that had to be typed as an argument.
  if (args.some((arg) => arg.startsWith('--recovery-key'))) process.title = 'trinity-backup';
  watchOutput();
  const program = newProgram();
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = tell(error, args, pathOf(commandOf(program, args)));
  }
  await flushOutput();
}

function newProgram(): Command {
  const program = new Command('trinity-backup')
    .description('Backs up a Trinity install, encrypted and restorable.')
    .version(version, '--version', 'show the version')
    .option('--home <dir>', 'settings, keys and history are there (or TRINITY_BACKUP_HOME)')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'print nothing while all is well')
    .option('--no-color', 'plain text')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    // Errors are told in one place, as sentences (tell).
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
  addCommands(program, act);
  return program;
}

/** Makes an action of commander from what a command does with its host. */
const act: Act =
  (run) =>
  async (...given) => {
    // Commander passes the arguments, the options and the command, in this order.
    const command = given.at(-1) as Command;
    const globals = command.optsWithGlobals<GlobalOptions>();
    await using cancel = cancelBySignals();
    const terminal = new Terminal(outputOptions(globals));
    await using host = new CommandHost({
      terminal,
      signal: cancel.signal,
      home: globals.home,
    });
    // Before the host ends, which may have to wait for other commands: whoever asked has the answer at once.
    try {
      process.exitCode = (await run(host, command.opts(), command.args)) ?? 0;
      if (process.exitCode !== 0) terminal.printHeldBack();
    } catch (error) {
      process.exitCode = tell(error, globals.json === true ? ['--json'] : [], pathOf(command));
    }
  };

function outputOptions(globals: GlobalOptions): OutputOptions {
  return { json: globals.json === true, quiet: globals.quiet === true, color: globals.color };
}

/** The command that the words of a command line lead to, as far as they name one. */
function commandOf(program: Command, args: readonly string[]): Command {
  return args.reduce(
    (command, word) => command.commands.find((each) => each.name() === word) ?? command,
    program,
  );
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** The first SIGINT, SIGTERM or SIGHUP cancels; the second ends the process as if nobody listened. */
function cancelBySignals(): AsyncDisposable & { signal: AbortSignal } {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (): void => {
    for (const name of signals) process.off(name, cancel);
  };
  const cancel = (): void => {
    stop();
    controller.abort(new AppError('cancelled', 'The command was cancelled.'));
  };
  for (const name of signals) process.on(name, cancel);
  return {
    signal: controller.signal,
    [Symbol.asyncDispose]: async () => stop(),
  };
}

/** Tells an error on stderr, as JSON where that was asked for. Returns the exit code. */
function tell(error: unknown, args: readonly string[], commandPath?: string): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const { kind, message, exitCode } = failureOf(error, commandPath);
  const isJson = args.includes('--json');
  process.stderr.write(isJson ? `${JSON.stringify({ error: { kind, message } })}\n` : `${message}\n`);
  if (process.env['TRINITY_BACKUP_DEBUG'] === '1') process.stderr.write(`${debugText(error)}\n`);
  return exitCode;
}

function debugText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? (error.stack ?? '') : `${error.stack ?? ''}\n${debugText(error.cause)}`;
}
