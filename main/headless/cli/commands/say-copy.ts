import type { CommandHost } from '../command-host.ts';

/** Says so where a copy was read without being asked for. */
export function sayCopy(
  host: CommandHost,
  { from }: Readonly<{ from: string | null }>,
  asked: string | undefined,
): void {
  if (from !== null && asked === undefined) {
    host.terminal.say(`The vault is away: this is what its copy ${from} holds.`);
  }
}
