import type { CommandHost } from '../command-host.ts';

/**
 * Makes an action of commander from what a command does: it is given its host, its options and its arguments, and returns the exit
 * code when that is not 0.
 */
export type Act = <Options extends object>(
  run: (host: CommandHost, options: Options, args: readonly string[]) => Promise<number | void>,
) => (...given: unknown[]) => Promise<void>;
